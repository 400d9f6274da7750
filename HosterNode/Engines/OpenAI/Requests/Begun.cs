namespace ComputeShare.HosterNode.Engines.OpenAI.Requests;

/// <summary>What another node wrote of a choice that goes on here. The engine takes it for a part of the prompt, and counts it there.</summary>
/// <param name="Tokens">How many tokens it has.</param>
/// <param name="Text">Of a chat, as its last message; empty for a completion.</param>
/// <param name="Prompt">Of a completion: the ids of its prompt's tokens and of those written after it; null for a chat.</param>
internal sealed record Begun(int Tokens, string Text, IReadOnlyList<uint>? Prompt);
