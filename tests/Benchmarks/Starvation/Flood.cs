using System.Net.Sockets;
using ComputeShare.Benchmarks.Gateways;

namespace ComputeShare.Benchmarks.Starvation;

/// <summary>One key asks a thousand times a second, over connections that stay open, and reads the answers away.</summary>
internal sealed class Flood(Uri gateway, LoadRequest request, int perSecond, TimeSpan length) : IAttack
{
    private const int Connections = 50;

    private int _sent;

    public string Name => $"one key, {perSecond:N0} requests a second";

    public TimeSpan Length => length;

    public async Task<int> RunAsync(CancellationToken stop)
    {
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(number => AskAsync(number, stop)));
        return _sent;
    }

    private async Task AskAsync(int number, CancellationToken stop)
    {
        var pause = TimeSpan.FromSeconds((double)Connections / perSecond);
        var buffer = new byte[8192];
        await Task.Delay(pause * number / Connections, TimeProvider.System, CancellationToken.None);
        using var timer = new PeriodicTimer(pause, TimeProvider.System);
        while (!stop.IsCancellationRequested)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(gateway.Host, gateway.Port, CancellationToken.None);
                while (!stop.IsCancellationRequested)
                {
                    // One after the other on a connection: each answer, a refusal, comes in one piece.
                    await socket.SendAsync(request.Bytes, SocketFlags.None, CancellationToken.None);
                    Interlocked.Increment(ref _sent);
                    if (await socket.ReceiveAsync(buffer, SocketFlags.None, CancellationToken.None) == 0)
                    {
                        break;
                    }

                    await timer.WaitForNextTickAsync(CancellationToken.None);
                }
            }
            catch (SocketException)
            {
                await timer.WaitForNextTickAsync(CancellationToken.None);
            }
        }
    }
}
