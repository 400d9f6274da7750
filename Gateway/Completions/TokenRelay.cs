using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Admission;
using ComputeShare.Gateway.Metering;
using ComputeShare.Gateway.Streaming;
using ComputeShare.ServiceDefaults.Faults;

namespace ComputeShare.Gateway.Completions;

/// <summary>
/// Steps 6 and 7: reads a node's frames, cuts and counts them, and writes what is paid for. Frames that are ready together leave in one
/// flush.
/// </summary>
internal sealed class TokenRelay(CompletionContext context, ICompletionAnswer answer, NodeStreamReader reader, FaultPoints faults, TimeProvider clock)
{
    // A node that is always ahead must not keep its tokens from the client.
    private const int MostFramesPerFlush = 16;

    // Capabilities that bind the model to a form.
    private static readonly string[] FormNames = ["json_object", "json_schema", "tools"];

    private readonly ChoiceText[] _choices =
        [.. Enumerable.Range(0, (int)context.Request.Choices).Select(index => Choice(index, context))];

    public async Task<CompletionOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var unflushed = 0;
        while (true)
        {
            var reading = reader.ReadAsync();
            if (answer.HasUnflushed && (!reading.IsCompleted || ++unflushed >= MostFramesPerFlush))
            {
                unflushed = 0;
                if (await DeliverAsync() is { } lost)
                {
                    return lost;
                }
            }

            var outcome = await reading ? await TakeAsync(reader.Current, cancellationToken) : EndOfStream();
            if (outcome is null)
            {
                continue;
            }

            // What is written belongs to the client, however the stream ends.
            var left = answer.HasUnflushed ? await DeliverAsync() : null;
            if (left is not null || outcome.Error is not null)
            {
                return left ?? outcome;
            }

            return outcome == CompletionOutcome.Completed || outcome == CompletionOutcome.CreditEnded ? await FinishAsync(outcome) : outcome;
        }
    }

    /// <returns>Null: the stream goes on.</returns>
    private async ValueTask<CompletionOutcome?> TakeAsync(Frame frame, CancellationToken cancellationToken)
    {
        switch (frame.KindCase)
        {
            case Frame.KindOneofCase.Delta when frame.Delta.ChoiceIndex < _choices.Length:
                return await WriteAsync(frame.Delta, cancellationToken);
            case Frame.KindOneofCase.Finished:
                return await EndChoicesAsync(frame.Finished);
            case Frame.KindOneofCase.Failed:
                return HasEnded ? CompletionOutcome.Completed : NodeFailures.Outcome(frame.Failed, context.Request.Operation);
            case Frame.KindOneofCase.Started or Frame.KindOneofCase.None:
                // None: a kind of frame that this gateway does not know yet.
                return null;
            default:
                return CompletionOutcome.NodeMalformed;
        }
    }

    private async ValueTask<CompletionOutcome?> WriteAsync(Delta delta, CancellationToken cancellationToken)
    {
        if (context.TimeToFirstToken is null && delta.HasContent())
        {
            context.TimeToFirstToken = clock.GetElapsedTime(reader.Dispatched);
            await faults.ReachAsync("gateway.first-token", cancellationToken);
        }

        await faults.ReachAsync("gateway.token", cancellationToken);
        var choice = _choices[delta.ChoiceIndex];
        if (await WriteAsync(choice, choice.Push(delta), (int)delta.ChoiceIndex) is { } ended)
        {
            return ended;
        }

        if (HasEnded)
        {
            reader.AwaitOnlyUsage();
        }

        return null;
    }

    private async ValueTask<CompletionOutcome?> WriteAsync(ChoiceText choice, TextPiece piece, int index)
    {
        if (choice.IsMalformed)
        {
            return CompletionOutcome.NodeMalformed;
        }

        if (piece.IsEmpty)
        {
            return null;
        }

        var sum = context.Delivered.WrittenWith(index, choice.Tokens);
        switch (await context.Hold!.CoverAsync(sum))
        {
            case HoldResult.NoCredit:
                return CutForCredit(choice);
            case HoldResult.Unavailable:
                return CompletionOutcome.BillingAway;
        }

        await answer.WriteAsync(piece);
        context.Delivered.Write(index, choice.Tokens, choice.CertainTokens);
        context.Delivered.Reasoning = ReasoningTokens();
        return null;
    }

    private uint? ReasoningTokens()
    {
        uint? sum = null;
        foreach (var choice in _choices)
        {
            sum = choice.ReasoningTokens is { } tokens ? (sum ?? 0) + tokens : sum;
        }

        return sum;
    }

    private async ValueTask<CompletionOutcome?> EndChoicesAsync(Finished finished)
    {
        context.Report = finished;
        for (var index = 0; index < _choices.Length; index++)
        {
            var choice = _choices[index];
            var reason = index < finished.FinishReasons.Count ? FinishReasons.From(finished.FinishReasons[index]) : null;
            if (choice.FinishReason is null && reason is null)
            {
                return CompletionOutcome.NodeMalformed;
            }

            if (await WriteAsync(choice, choice.End(reason ?? choice.FinishReason!), index) is { } ended)
            {
                return ended;
            }
        }

        context.Claim = Claim(finished);
        return CompletionOutcome.Completed;
    }

    /// <summary>
    /// What the node says of the answer beside what was counted. Null where an honest engine may count what has no text here: the rest of
    /// a stop string, the marks around calls, tokens that a form forced to be shorter than the model's own.
    /// </summary>
    private CountClaim? Claim(Finished finished)
    {
        var request = context.Request;
        if (context.Meter.Tokenizer is null || request.Stop.Count > 0 || request.Capabilities.Any(needed => FormNames.Contains(needed.Name))
            || _choices.Any(choice => choice.HasCalls) || context.Delivered.Written == 0)
        {
            return null;
        }

        var inFrames = (uint)Math.Min(_choices.Sum(choice => (long)choice.ReportedTokens), uint.MaxValue);
        var ends = (uint)_choices.Count(choice => choice.FinishReason == FinishReasons.Stop);
        // Of an answer that was cut at max_tokens the usage speaks of more than what went out.
        var inUsage = _choices.Any(choice => choice.WasCut) ? 0 : finished.Usage?.CompletionTokens ?? 0;
        return CountClaim.Of(context.Delivered.Written, Math.Max(inFrames, inUsage), ends);
    }

    private static ChoiceText Choice(int index, CompletionContext context) => new(
        index,
        context.Request.Stop,
        context.Request.MaxTokens,
        context.Request.MayCallTools ? new ToolCalls($"{context.Id.Value}_{index}") : null,
        context.Meter.Tokenizer,
        context.Request.Logprobs);

    private bool HasEnded
    {
        get
        {
            foreach (var choice in _choices)
            {
                if (choice.FinishReason is null)
                {
                    return false;
                }
            }

            return true;
        }
    }

    // When every choice has ended the node's last word was only awaited for its usage.
    private CompletionOutcome EndOfStream() =>
        HasEnded && reader.End != CompletionOutcome.ClientLeft ? CompletionOutcome.Completed : reader.End;

    private CompletionOutcome CutForCredit(ChoiceText withheld)
    {
        foreach (var choice in _choices)
        {
            choice.Cut(choice == withheld);
        }

        return CompletionOutcome.CreditEnded;
    }

    private async ValueTask<CompletionOutcome?> DeliverAsync()
    {
        var start = clock.GetTimestamp();
        var lost = await answer.FlushAsync();
        context.HeldUp += clock.GetElapsedTime(start);
        if (lost is null)
        {
            context.Delivered.Deliver();
        }

        return lost;
    }

    private async Task<CompletionOutcome> FinishAsync(CompletionOutcome outcome)
    {
        context.Outcome = outcome;
        context.FinishReason = _choices[0].FinishReason;
        await answer.FinishAsync(_choices);
        return outcome;
    }
}
