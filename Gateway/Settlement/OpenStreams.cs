using System.Collections.Concurrent;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Completions;

namespace ComputeShare.Gateway.Settlement;

/// <summary>This gateway's requests that hold money now, for the checkpoints.</summary>
internal sealed class OpenStreams
{
    private readonly ConcurrentDictionary<string, CompletionContext> _open = new();

    public IDisposable Open(CompletionContext context)
    {
        _open[context.Id.Value] = context;
        return new Entry(this, context.Id.Value);
    }

    public Checkpoint Checkpoint() => new() { Streams = { _open.Values.Select(OpenStream) } };

    private static OpenStream OpenStream(CompletionContext context)
    {
        var stream = new OpenStream { RequestId = context.Id.Value };
        // Without streaming the client has nothing before the end: a gateway that dies has delivered nothing.
        if (context.Request.Stream && Settlements.Share(context) is { } share)
        {
            stream.Shares.Add(share);
        }

        return stream;
    }

    private sealed class Entry(OpenStreams streams, string requestId) : IDisposable
    {
        public void Dispose() => streams._open.TryRemove(requestId, out _);
    }
}
