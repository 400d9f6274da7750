using System.Collections.Concurrent;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Idempotency;

namespace ComputeShare.Gateway.Settlement;

/// <summary>This gateway's requests that hold money now, for the checkpoints.</summary>
internal sealed class OpenStreams(KeyedRequests keyed)
{
    private readonly ConcurrentDictionary<string, CompletionContext> _open = new();

    /// <summary>Until <see cref="Close"/>, which comes after the settlement: what it finds of a gateway that died is the checkpoint.</summary>
    public void Open(CompletionContext context) => _open[context.Id.Value] = context;

    public void Close(CompletionContext context) => _open.TryRemove(context.Id.Value, out _);

    /// <summary>Also says of requests with an Idempotency-Key that they live, before and after they hold money.</summary>
    public Checkpoint Checkpoint()
    {
        var checkpoint = new Checkpoint { Streams = { _open.Values.Select(OpenStream) } };
        checkpoint.Streams.AddRange(keyed.AliveBeside(checkpoint.Streams.Select(stream => stream.RequestId).ToHashSet()));
        return checkpoint;
    }

    private static OpenStream OpenStream(CompletionContext context)
    {
        var stream = new OpenStream { RequestId = context.Id.Value, OwnerEpoch = context.OwnerEpoch };
        // Without streaming the client has nothing before the end: a gateway that dies before has delivered nothing.
        if ((context.Request.Stream || context.AnswerLeaves) && Settlements.CertainShare(context) is { } share)
        {
            stream.Shares.Add(share);
        }

        return stream;
    }
}
