using System.Net.WebSockets;

namespace ComputeShare.ServiceDefaults.Tunnels;

/// <summary>
/// The bytes of a WebSocket's binary messages, whose borders mean nothing. Both ends of a tunnel use it. One reader and one writer at a time.
/// Nothing is buffered here: a frame is read into what the reader offers, whatever length it claims.
/// </summary>
public sealed class TunnelStream(WebSocket socket) : Stream
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the stream is disposed, which whoever uses it does at the latest when it breaks.</summary>
    public Task Ended => _ended.Task;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="IOException">The tunnel is broken.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer, cancellationToken);
                switch (received.MessageType)
                {
                    case WebSocketMessageType.Close:
                        return 0;
                    case WebSocketMessageType.Text:
                        throw new IOException("The other end of the tunnel sent text.");
                }

                // An empty frame is no end.
                if (received.Count > 0 || buffer.IsEmpty)
                {
                    return received.Count;
                }
            }
        }
        catch (Exception broken) when (IsBreak(broken, cancellationToken))
        {
            throw new IOException("The tunnel is broken.", broken);
        }
    }

    /// <exception cref="IOException">The tunnel is broken.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await socket.SendAsync(buffer, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
        catch (Exception broken) when (IsBreak(broken, cancellationToken))
        {
            throw new IOException("The tunnel is broken.", broken);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Tells the other end why, if it still listens, and ends the stream.</summary>
    /// <param name="reason">At most 123 bytes of it are sent.</param>
    public async Task CloseAsync(WebSocketCloseStatus status, string reason, TimeProvider clock)
    {
        const int MostReasonCharacters = 120;
        using var limit = new CancellationTokenSource(CloseTimeout, clock);
        try
        {
            var ascii = string.Concat(reason.Where(char.IsAscii).Take(MostReasonCharacters));
            await socket.CloseOutputAsync(status, ascii, limit.Token);
        }
        catch (Exception gone) when (gone is WebSocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // Nobody is there to be told.
        }

        await DisposeAsync();
    }

    // A socket that was aborted, as it is when a ping is not answered, says that the call was cancelled, though nobody did.
    private static bool IsBreak(Exception error, CancellationToken cancellationToken) =>
        error is WebSocketException or InvalidOperationException
        || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // No handshake: it would wait for the other end, which may be gone.
            socket.Abort();
            socket.Dispose();
            _ended.TrySetResult();
        }

        base.Dispose(disposing);
    }
}
