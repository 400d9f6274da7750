using System.Net.Sockets;
using ComputeShare.Benchmarks.Gateways;

namespace ComputeShare.Benchmarks.Starvation;

/// <summary>
/// One key asks so many times a second at most, over connections that stay open, and reads the answers away. A connection waits for its
/// answer before it asks again: a gateway that takes longer than a quarter of a second is asked less often.
/// </summary>
internal sealed class Flood(string name, Uri gateway, LoadRequest request, int perSecond, TimeSpan length) : IAttack
{
    private const int Connections = 250;

    private int _asked;
    private int _served;
    private int _limited;
    private int _unavailable;

    public string Name => name;

    public TimeSpan Length => length;

    public async Task<Reach> RunAsync(CancellationToken stop)
    {
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(number => AskAsync(number, stop)));
        return new Reach(
            _asked,
            $"{_asked:N0} asked: {_served:N0} served, {_limited:N0} refused with 429, {_unavailable:N0} with 503, {_asked - _served - _limited - _unavailable:N0} without an answer or with another");
    }

    private async Task AskAsync(int number, CancellationToken stop)
    {
        var pause = TimeSpan.FromSeconds((double)Connections / perSecond);
        var buffer = new byte[8192];
        try
        {
            await Task.Delay(pause * number / Connections, TimeProvider.System, stop);
            using var timer = new PeriodicTimer(pause, TimeProvider.System);
            while (true)
            {
                await AskOnOneConnectionAsync(timer, buffer, stop);
                // Also after an end of it.
                await timer.WaitForNextTickAsync(stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The attack ends.
        }
    }

    /// <returns>When the connection has ended.</returns>
    private async Task AskOnOneConnectionAsync(PeriodicTimer timer, byte[] buffer, CancellationToken stop)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(gateway.Host, gateway.Port, stop);
            while (true)
            {
                await socket.SendAsync(request.Bytes, SocketFlags.None, stop);
                Interlocked.Increment(ref _asked);
                if (await ReceiveStatusAsync(socket, buffer, stop) is not { } status)
                {
                    return;
                }

                Count(status);
                await timer.WaitForNextTickAsync(stop);
            }
        }
        catch (SocketException)
        {
            // Refused, or reset: another one.
        }
    }

    // What else there is of an answer is passed over before the next one.
    private static async Task<int?> ReceiveStatusAsync(Socket socket, byte[] buffer, CancellationToken stop)
    {
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, SocketFlags.None, stop);
            if (received == 0)
            {
                return null;
            }

            if (StatusLine.Find(buffer.AsSpan(0, received)) is { } status)
            {
                return status;
            }
        }
    }

    private void Count(int status)
    {
        switch (status)
        {
            case 200:
                Interlocked.Increment(ref _served);
                break;
            case 429:
                Interlocked.Increment(ref _limited);
                break;
            case 503:
                Interlocked.Increment(ref _unavailable);
                break;
        }
    }
}
