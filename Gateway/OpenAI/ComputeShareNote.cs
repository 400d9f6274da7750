namespace ComputeShare.Gateway.OpenAI;

/// <summary>What the headers could not say any more, and why money cut an answer short.</summary>
internal sealed record ComputeShareNote(string? Reason = null, string? Model = null, string? Hoster = null, int? Attempts = null);
