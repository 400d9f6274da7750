using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Completions;

namespace ComputeShare.Gateway.Settlement;

/// <summary>From what is known of a request to the command that settles it: counts, never amounts.</summary>
internal static class Settlements
{
    private const string Kind = "settle";

    public static Settle Of(CompletionContext context, TimeSpan total)
    {
        var settle = WithoutShares(context, total);
        settle.Record.FailedAttempts.AddRange(context.FailedAttempts);
        if (context.IsCharged && Share(context) is { } share)
        {
            settle.Shares.Add(share);
        }

        return settle;
    }

    /// <summary>How the request is to be settled if this gateway dies now. For other threads than the request's own.</summary>
    /// <returns>Null: no node serves it.</returns>
    public static Settle? IfItDies(CompletionContext context, uint completionTokens, TimeSpan total)
    {
        if (Share(context, completionTokens) is not { } share)
        {
            return null;
        }

        var settle = WithoutShares(context, total);
        settle.Shares.Add(share);
        // As Billing's reaper calls it, which settles what no gateway does.
        (settle.Record.Status, settle.Record.Outcome) = (GenerationStatus.Recovered, "GatewayLost");
        return settle;
    }

    /// <summary>The node's share in this many tokens; none where nothing is delivered.</summary>
    public static IReadOnlyList<Share> Shares(CompletionContext context, uint? completionTokens) =>
        completionTokens is { } tokens && Share(context, tokens) is { } share ? [share] : [];

    /// <returns>Null: nothing was delivered, so nothing is paid, the prompt neither.</returns>
    public static Share? Share(CompletionContext context) => Share(context, context.Delivered.Delivered);

    private static Settle WithoutShares(CompletionContext context, TimeSpan total) => new()
    {
        RequestId = context.Id.Value,
        AccountId = context.Caller.Record.AccountId,
        Kind = Kind,
        OwnerEpoch = context.OwnerEpoch,
        Record = Record(context, total),
    };

    private static Share? Share(CompletionContext context, uint completionTokens)
    {
        if (!context.Delivered.IsAnything || context.Lease is not { } lease)
        {
            return null;
        }

        var cached = context.CachedTokens;
        return new Share
        {
            NodeId = lease.NodeId,
            PriceId = lease.Price.PriceId,
            PromptTokens = context.PromptTokens - cached,
            CachedTokens = cached,
            CompletionTokens = completionTokens,
        };
    }

    private static GenerationRecord Record(CompletionContext context, TimeSpan total)
    {
        var record = new GenerationRecord
        {
            KeyId = context.Caller.Record.KeyId,
            RequestedModel = context.Request.Model,
            ServedModel = context.Lease?.ModelId ?? "",
            HosterName = context.Lease?.HosterName ?? "",
            Status = Status(context.Outcome),
            Outcome = context.Outcome.Name,
            FinishReason = context.FinishReason ?? "",
            Attempts = context.Attempt,
            Streamed = context.Request.Stream,
            QueueMs = (uint)(context.Queued ?? TimeSpan.Zero).TotalMilliseconds,
            TtftMs = (uint)(context.TimeToFirstToken?.TotalMilliseconds ?? 0),
            TotalMs = (uint)total.TotalMilliseconds,
            CountsAreBounded = context.CountsAreBounded,
            Operation = context.Request.Operation.Name,
            ReasoningTokens = context.ReasoningTokens,
        };
        if (context.Report?.Usage is { } usage)
        {
            record.EngineCounts = new EngineCounts { PromptTokens = usage.PromptTokens, CompletionTokens = usage.CompletionTokens };
        }

        return record;
    }

    private static GenerationStatus Status(CompletionOutcome outcome) => outcome switch
    {
        { Error: not null } => GenerationStatus.Failed,
        _ when outcome == CompletionOutcome.ClientLeft || outcome == CompletionOutcome.ClientTooSlow => GenerationStatus.Cancelled,
        _ => GenerationStatus.Completed,
    };
}
