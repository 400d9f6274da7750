using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Completions;

/// <summary>How a request was placed, told only to a caller who asks for it with <see cref="Header"/>.</summary>
internal sealed class PlacementStory
{
    public const string Header = "x-computeshare-explain";

    private readonly List<AttemptNote> _attempts = [];
    private RefusalNote? _refused;

    /// <summary>Null: nobody wants to know.</summary>
    public static PlacementStory? For(HttpRequest request) =>
        request.Headers[Header].ToString() is "1" or "true" ? new PlacementStory() : null;

    public void Placed(Reserved lease)
    {
        var explanation = lease.Explanation ?? new Explanation();
        _attempts.Add(new AttemptNote(
            lease.HosterName, lease.ModelId, null, null, explanation.Candidates, explanation.Filtered.ToDictionary(), explanation.Score.ToDictionary()));
        _refused = null;
    }

    public void Ended(CompletionOutcome outcome, TimeSpan? timeToFirstToken) =>
        _attempts[^1] = _attempts[^1] with { Outcome = outcome.Name, TtftMs = (long?)timeToFirstToken?.TotalMilliseconds };

    public void Refused(Refused refused) =>
        _refused = new RefusalNote(refused.Explanation?.Candidates ?? 0, refused.Explanation?.Filtered.ToDictionary() ?? []);

    /// <param name="queued">How long the request waited in all.</param>
    /// <param name="outcome">Of the attempt that is telling this; earlier ones have said theirs.</param>
    /// <param name="timeToFirstToken">Its own.</param>
    public PlacementNote Tell(TimeSpan queued, CompletionOutcome outcome, TimeSpan? timeToFirstToken) => new(
        (long)queued.TotalMilliseconds,
        [.. _attempts.Select(attempt => attempt.Outcome is null ? attempt with { Outcome = outcome.Name, TtftMs = (long?)timeToFirstToken?.TotalMilliseconds } : attempt)],
        _refused);
}
