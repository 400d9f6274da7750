using System.Net.WebSockets;

namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>
/// A WebSocket whose other end sends these bytes in pieces of any length, those behind its greeting only when it has been asked something, and
/// then closes. What it is sent is looked at for that question alone.
/// </summary>
internal sealed class ScriptedSocket(byte[] bytes, int greeting, Random random) : WebSocket
{
    private const int PrefaceLength = 24;
    private const int FrameHeaderLength = 9;
    private const byte HeadersFrame = 1;

    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<byte> _sent = [];
    private int _looked = PrefaceLength;
    private int _next;

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => WebSocketState.Open;

    public override string? SubProtocol => null;

    public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_next >= greeting)
        {
            await _asked.Task.WaitAsync(cancellationToken);
        }

        var open = _next < greeting ? Math.Min(greeting, bytes.Length) : bytes.Length;
        var count = Math.Min(Math.Min(buffer.Length, open - _next), 1 + random.Next(random.Next(2) == 0 ? 16 : 4096));
        if (_next == bytes.Length)
        {
            return new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, true);
        }

        bytes.AsMemory(_next, count).CopyTo(buffer);
        _next += count;
        return new ValueWebSocketReceiveResult(count, random.Next(500) == 0 ? WebSocketMessageType.Text : WebSocketMessageType.Binary, random.Next(2) == 0);
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        _sent.AddRange(buffer.Span);
        while (!_asked.Task.IsCompleted && _sent.Count >= _looked + FrameHeaderLength)
        {
            if (_sent[_looked + 3] == HeadersFrame)
            {
                _asked.TrySetResult();
            }

            _looked += FrameHeaderLength + (_sent[_looked] << 16 | _sent[_looked + 1] << 8 | _sent[_looked + 2]);
        }

        return ValueTask.CompletedTask;
    }

    public override void Abort() => _asked.TrySetResult();

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispose()
    {
    }

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) => throw new NotSupportedException();
}
