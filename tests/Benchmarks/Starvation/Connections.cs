using System.Net.Sockets;

namespace ComputeShare.Benchmarks.Starvation;

/// <summary>An attack with many connections: each says something at first, and then a little now and then; a closed one is opened again.</summary>
/// <param name="first">What each says at first; empty for nothing.</param>
/// <param name="little">What each says again and again; empty for nothing.</param>
/// <param name="pause">Between two times; each is looked at as often.</param>
/// <param name="perSecond">How many are opened in a second.</param>
internal sealed class Connections(
    string name, Uri gateway, int count, byte[] first, byte[] little, TimeSpan pause, int perSecond, TimeSpan length) : IAttack
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly Socket?[] _sockets = new Socket?[count];
    private readonly byte[] _away = new byte[4096];
    private int _opened;

    public string Name => name;

    public TimeSpan Length => length;

    public async Task<Reach> RunAsync(CancellationToken stop)
    {
        var next = 0;
        for (var tick = 0; !stop.IsCancellationRequested; tick++)
        {
            var budget = (int)(perSecond * Tick.TotalSeconds);
            for (var looked = 0; looked < count && budget > 0; looked++, next = (next + 1) % count)
            {
                if (_sockets[next] is null)
                {
                    budget--;
                    _sockets[next] = await OpenAsync();
                }
            }

            Speak(tick);
            await Task.Delay(Tick, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var held = _sockets.Count(socket => socket is not null && IsOpen(socket));
        foreach (var socket in _sockets)
        {
            socket?.Dispose();
        }

        return new Reach(held, $"{_opened:N0} opened in all, {held:N0} still held at its end");
    }

    // A few in each tick, so that each speaks once in a pause.
    private void Speak(int tick)
    {
        var turns = (int)(pause / Tick);
        for (var number = tick % turns; number < count; number += turns)
        {
            if (_sockets[number] is { } socket && !(IsOpen(socket) && TrySend(socket, little)))
            {
                socket.Dispose();
                _sockets[number] = null;
            }
        }
    }

    private async Task<Socket?> OpenAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 4096 };
        try
        {
            await socket.ConnectAsync(gateway.Host, gateway.Port);
            socket.Blocking = false;
            if (TrySend(socket, first))
            {
                _opened++;
                return socket;
            }
        }
        catch (SocketException)
        {
            // Refused: another try later.
        }

        socket.Dispose();
        return null;
    }

    // The gateway's end of a connection lies behind what it has said before: that is read away first.
    private bool IsOpen(Socket socket)
    {
        int received;
        SocketError error;
        do
        {
            received = socket.Receive(_away, SocketFlags.None, out error);
        }
        while (received > 0);

        return error == SocketError.WouldBlock;
    }

    private static bool TrySend(Socket socket, byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return true;
        }

        // A full buffer counts as sent.
        socket.Send(bytes, SocketFlags.None, out var error);
        return error is SocketError.Success or SocketError.WouldBlock;
    }
}
