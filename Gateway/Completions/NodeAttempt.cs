using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Admission;
using ComputeShare.Gateway.Nodes;
using ComputeShare.Gateway.Scheduling;
using ComputeShare.Gateway.Settlement;
using ComputeShare.Gateway.Streaming;
using ComputeShare.ServiceDefaults.Faults;
using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Completions;

/// <summary>
/// Steps 5 to 7 on one node: the hold and the dispatch side by side, then tokens in and out. No content leaves before the hold is confirmed.
/// </summary>
internal sealed class NodeAttempt(
    IHosterChannels channels,
    AccountSalts salts,
    OpenStreams openStreams,
    FaultPoints faults,
    IOptions<StreamingOptions> options,
    TimeProvider clock)
{
    public async Task<CompletionOutcome> RunAsync(CompletionContext context, Reserved lease, ICompletionAnswer answer, CancellationToken cancellationToken)
    {
        if (await channels.GetInvokerAsync(lease.NodeId) is not { } invoker)
        {
            return CompletionOutcome.NodeUnknown;
        }

        var placing = context.Hold!.PlaceAsync(lease.Price.PriceId, context.Prompt.AtMost);
        var inference = new Inference.InferenceClient(invoker);
        var job = Job(context, lease);
        await using var reader = new NodeStreamReader(
            stop => inference.Generate(job, cancellationToken: stop), options.Value, clock, context.Arrived, cancellationToken);
        await faults.ReachAsync("gateway.dispatched", cancellationToken);
        switch (await placing)
        {
            case HoldResult.NoCredit:
                return CompletionOutcome.NoCredit;
            case HoldResult.CapReached:
                return CompletionOutcome.SpendCapReached(context.Hold.CapResetsIn);
            case HoldResult.Unavailable:
                return CompletionOutcome.BillingAway;
        }

        await faults.ReachAsync("gateway.held", cancellationToken);
        openStreams.Open(context);
        var outcome = context.Request.Embeddings is null
            ? await new TokenRelay(context, answer, reader, faults, clock).RunAsync(cancellationToken)
            : await new EmbeddingRelay(context, answer, reader, clock).RunAsync();
        await faults.ReachAsync("gateway.finished", cancellationToken);
        return outcome;
    }

    private GenerateRequest Job(CompletionContext context, Reserved lease)
    {
        var job = new GenerateRequest
        {
            RequestId = context.Id.Value,
            Attempt = context.Attempt,
            LeaseId = lease.LeaseId,
            Slots = context.Request.Choices,
            Model = lease.LocalModel,
            MaxTokens = context.Request.MaxTokens ?? 0,
            Stop = { context.Request.Stop },
            CacheSalt = UnsafeByteOperations.UnsafeWrap(salts.Of(context.CachesOf).Cache),
            Deadlines = new Deadlines
            {
                FirstTokenMs = (uint)options.Value.FirstToken.TotalMilliseconds,
                BetweenTokensMs = (uint)options.Value.BetweenTokens.TotalMilliseconds,
                TotalMs = (uint)Math.Max(1, (options.Value.Total - clock.GetElapsedTime(context.Arrived)).TotalMilliseconds),
            },
        };
        context.Request.Operation.SetWork(job, UnsafeByteOperations.UnsafeWrap(context.Request.WorkBody));
        return job;
    }
}
