using ComputeShare.Contracts.Inference;

namespace ComputeShare.Gateway.Streaming;

/// <summary>What of one choice goes out together.</summary>
internal readonly record struct TextPiece(
    int Choice, string Content, string Reasoning, IReadOnlyList<TokenLogprob>? Logprobs, IReadOnlyList<ToolCallPiece>? ToolCalls = null)
{
    public bool HasText => Content.Length > 0 || Reasoning.Length > 0;

    public bool IsEmpty => !HasText && ToolCalls is null;

    public static TextPiece Empty(int choice) => new(choice, "", "", null);

    // Text is a completion: it stays out of logs and messages.
    public override string ToString() => $"piece of choice {Choice}";
}
