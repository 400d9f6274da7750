using System.Buffers;
using System.IO.Pipelines;
using ComputeShare.ServiceDefaults.Tunnels;
using Microsoft.AspNetCore.Connections;

namespace ComputeShare.HosterNode.Tunnels;

/// <summary>
/// One tunnel, as a connection of the web server: HTTP/2 in which the gateway is the client. A pipe stands between the server's output and
/// the WebSocket, so that frames which are ready together leave in one message; without it a token costs nearly twice as much.
/// </summary>
internal sealed class NodeTunnel : DefaultConnectionContext
{
    private const int LeastRead = 8 * 1024;
    private const int MostMessage = 32 * 1024;
    private static readonly TimeSpan LastWordTimeout = TimeSpan.FromSeconds(2);

    private readonly TunnelStream _stream;
    private readonly TunnelRoster _roster;
    private readonly TimeProvider _clock;
    private readonly Pipe _input = new(NewPipeOptions());
    private readonly Pipe _output = new(NewPipeOptions());
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _receiving;
    private readonly Task _sending;
    // Not the base class's: that one may be cancelled after it was disposed.
    private readonly CancellationTokenSource _closed = new();
    private int _watches;
    private volatile bool _leaving;

    public NodeTunnel(string id, string gateway, TunnelStream stream, TunnelRoster roster, TimeProvider clock)
        : base(id)
    {
        (Gateway, _stream, _roster, _clock) = (gateway, stream, roster, clock);
        Transport = new DuplexPipe(_input.Reader, _output.Writer);
        ConnectionClosed = _closed.Token;
        // Handlers find out by it that their call came this way.
        Features.Set(this);
        roster.Add(this);
        _receiving = Task.Run(ReceiveAsync);
        _sending = Task.Run(SendAsync);
    }

    /// <summary>The replica at its other end.</summary>
    public string Gateway { get; }

    /// <summary>Completes when another tunnel should take its place; streams may still run here.</summary>
    public Task Released => _released.Task;

    /// <summary>The gateway is about to go.</summary>
    public bool IsLeaving => _leaving;

    public bool IsWatched => Volatile.Read(ref _watches) > 0;

    /// <summary>A watch over this tunnel lasts until the result is disposed; a tunnel without one brings no work.</summary>
    public IDisposable Watch()
    {
        Interlocked.Increment(ref _watches);
        _roster.Changed();
        return new WatchEnd(this);
    }

    public void Leave()
    {
        _leaving = true;
        _released.TrySetResult();
        _roster.Changed();
    }

    /// <summary>What reads finds the stream's end, and tells everybody.</summary>
    public override void Abort(ConnectionAbortedException abortReason) => _stream.Dispose();

    /// <summary>Called by the web server when the last stream has ended.</summary>
    public override async ValueTask DisposeAsync()
    {
        await Transport.Input.CompleteAsync();
        await Transport.Output.CompleteAsync();
        await _sending.WaitAsync(LastWordTimeout, _clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stream.DisposeAsync();
        await _receiving;
        await _sending;
        _closed.Dispose();
        _released.TrySetResult();
        _roster.Remove(this);
        await base.DisposeAsync();
    }

    private async Task ReceiveAsync()
    {
        var input = _input.Writer;
        try
        {
            while (true)
            {
                var count = await _stream.ReadAsync(input.GetMemory(LeastRead));
                if (count == 0)
                {
                    break;
                }

                input.Advance(count);
                if ((await input.FlushAsync()).IsCompleted)
                {
                    break;
                }
            }

            await input.CompleteAsync();
        }
        catch (IOException broken)
        {
            // The server takes this kind for what it is: a connection that is gone, not a defect.
            await input.CompleteAsync(new ConnectionResetException(broken.Message, broken));
        }

        // The other end is gone: running handlers hear of it, and another tunnel may be dialled at once.
        await _stream.DisposeAsync();
        _released.TrySetResult();
        await _closed.CancelAsync();
    }

    private async Task SendAsync()
    {
        var output = _output.Reader;
        try
        {
            while (true)
            {
                var result = await output.ReadAsync();
                await SendAsync(result.Buffer);
                output.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (IOException)
        {
            // The receiving half hears of it too, and says so.
        }

        // Without the error: handlers that still write must not be told that they did something wrong.
        await output.CompleteAsync();
    }

    private async Task SendAsync(ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsSingleSegment)
        {
            if (!bytes.IsEmpty)
            {
                await _stream.WriteAsync(bytes.First);
            }

            return;
        }

        var message = ArrayPool<byte>.Shared.Rent(MostMessage);
        try
        {
            while (!bytes.IsEmpty)
            {
                var part = bytes.Slice(0, Math.Min(bytes.Length, MostMessage));
                part.CopyTo(message);
                await _stream.WriteAsync(message.AsMemory(0, (int)part.Length));
                bytes = bytes.Slice(part.End);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    private static PipeOptions NewPipeOptions() => new(minimumSegmentSize: LeastRead, useSynchronizationContext: false);

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class WatchEnd(NodeTunnel tunnel) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Decrement(ref tunnel._watches);
            tunnel._released.TrySetResult();
        }
    }
}
