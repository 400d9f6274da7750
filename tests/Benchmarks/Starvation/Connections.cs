using System.Net.Sockets;

namespace ComputeShare.Benchmarks.Starvation;

/// <summary>An attack with many connections: each says something at first, and then a little now and then; a closed one is opened again.</summary>
/// <param name="first">What each says at first; empty for nothing.</param>
/// <param name="little">What each says again and again.</param>
/// <param name="pause">Between two times; null: never again.</param>
/// <param name="perSecond">How many are opened in a second.</param>
internal sealed class Connections(
    string name, Uri gateway, int count, byte[] first, byte[] little, TimeSpan? pause, int perSecond, TimeSpan length) : IAttack
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly Socket?[] _sockets = new Socket?[count];
    private int _best;

    public string Name => name;

    public TimeSpan Length => length;

    public async Task<int> RunAsync(CancellationToken stop)
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
            _best = Math.Max(_best, _sockets.Count(socket => socket is not null));
            await Task.Delay(Tick, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (var socket in _sockets)
        {
            socket?.Dispose();
        }

        return _best;
    }

    // A few in each tick, so that each speaks once in a pause.
    private void Speak(int tick)
    {
        if (pause is not { } between)
        {
            return;
        }

        var turns = (int)(between / Tick);
        for (var number = tick % turns; number < count; number += turns)
        {
            if (_sockets[number] is { } socket && !TrySend(socket, little))
            {
                socket.Dispose();
                _sockets[number] = null;
            }
        }
    }

    private async Task<Socket?> OpenAsync()
    {
        // A small window: what is not read stays with the gateway.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 4096 };
        try
        {
            await socket.ConnectAsync(gateway.Host, gateway.Port);
            socket.Blocking = false;
            if (TrySend(socket, first))
            {
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

    private static bool TrySend(Socket socket, byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return true;
        }

        // Nothing of an answer is read; a full buffer counts as sent.
        socket.Send(bytes, SocketFlags.None, out var error);
        return error is SocketError.Success or SocketError.WouldBlock;
    }
}
