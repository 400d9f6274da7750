using System.Collections.Concurrent;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Completions;

namespace ComputeShare.Gateway.Settlement;

/// <summary>This gateway's requests that hold money now, for the checkpoints.</summary>
internal sealed class OpenStreams
{
    private readonly ConcurrentDictionary<string, CompletionContext> _open = new();

    /// <summary>Until <see cref="Close"/>, which comes after the settlement: what it finds of a gateway that died is the checkpoint.</summary>
    public void Open(CompletionContext context) => _open[context.Id.Value] = context;

    public void Close(CompletionContext context) => _open.TryRemove(context.Id.Value, out _);

    public Checkpoint Checkpoint() => new() { Streams = { _open.Values.Select(OpenStream) } };

    private static OpenStream OpenStream(CompletionContext context)
    {
        var stream = new OpenStream { RequestId = context.Id.Value };
        // Without streaming the client has nothing before the end: a gateway that dies before has delivered nothing.
        if ((context.Request.Stream || context.AnswerLeaves) && Settlements.Share(context) is { } share)
        {
            stream.Shares.Add(share);
        }

        return stream;
    }
}
