using ComputeShare.Gateway.Completions;

namespace ComputeShare.Gateway.Streaming;

/// <summary>How an answer leaves: as a stream of events, or as one JSON object. Used by one flow; calls do not overlap.</summary>
internal interface ICompletionAnswer : IAsyncDisposable
{
    /// <summary>Content has left: another node cannot start over.</summary>
    bool ContentSent { get; }

    /// <summary>Something is written and not flushed.</summary>
    bool HasUnflushed { get; }

    /// <summary>Forgets what a failed attempt left behind.</summary>
    void BeginAttempt();

    /// <summary>Writes a piece; it leaves with the next flush.</summary>
    ValueTask WriteAsync(TextPiece piece);

    /// <returns>Null: delivered. Else how the client was lost.</returns>
    ValueTask<CompletionOutcome?> FlushAsync();

    /// <summary>The choices have ended as they say.</summary>
    Task FinishAsync(IReadOnlyList<ChoiceText> choices);

    /// <summary>Tells the client what went wrong, as an error response or, after the first byte, as an error event.</summary>
    Task FailAsync(CompletionOutcome outcome);
}
