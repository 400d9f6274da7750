namespace ComputeShare.Gateway.OpenAI;

/// <summary>What the headers could not say any more, why money cut an answer short, and, where it was asked for, how the request was placed.</summary>
internal sealed record ComputeShareNote(
    string? Reason = null, string? Model = null, string? Hoster = null, int? Attempts = null, PlacementNote? Explain = null);

/// <summary>How a request was placed (<c>x-computeshare-explain</c>).</summary>
/// <param name="QueueMs">How long it waited for slots in all.</param>
/// <param name="Attempts">In order; the last is the one that served.</param>
/// <param name="Refused">What the last question for a node ended with, where it found none.</param>
internal sealed record PlacementNote(long QueueMs, IReadOnlyList<AttemptNote> Attempts, RefusalNote? Refused);

/// <param name="Outcome">As in metrics and logs.</param>
/// <param name="TtftMs">Null: no content came.</param>
/// <param name="Candidates">Offers of the models asked for.</param>
/// <param name="Filtered">How many of them each filter ruled out.</param>
/// <param name="Score">Points of the one that was chosen, by part.</param>
internal sealed record AttemptNote(
    string Hoster,
    string Model,
    string? Outcome,
    long? TtftMs,
    uint Candidates,
    IReadOnlyDictionary<string, uint> Filtered,
    IReadOnlyDictionary<string, double> Score);

internal sealed record RefusalNote(uint Candidates, IReadOnlyDictionary<string, uint> Filtered);
