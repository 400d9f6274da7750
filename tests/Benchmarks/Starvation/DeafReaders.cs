using System.Net.Sockets;
using ComputeShare.Benchmarks.Gateways;

namespace ComputeShare.Benchmarks.Starvation;

/// <summary>An attack of streams that nobody reads: each connection asks once, is kept, and is not replaced when the gateway ends it.</summary>
/// <param name="request">A long stream: 64 KB of it may wait in the response, and more in the kernel's buffers.</param>
/// <param name="perSecond">How many are opened in a second: all of them well within <c>Streaming:SlowReader</c>.</param>
internal sealed class DeafReaders(Uri gateway, LoadRequest request, int count, int perSecond, TimeSpan length) : IAttack
{
    // IPPROTO_TCP and TCP_MAXSEG: as over Ethernet, where attackers are. The loopback's own segments are of 64 KB, and the gateway's kernel
    // keeps room for ten of them or more.
    private const int TcpLevel = 6;
    private const int MaximumSegment = 2;
    private const int SegmentBytes = 1460;

    private const int ReceiveBytes = 4096;
    private const int TicksPerLook = 10;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly List<Socket> _held = [];
    private readonly byte[] _beginning = new byte[ReceiveBytes];
    private int _tried;
    private int _asked;
    private int _most;
    private int _ended;

    public string Name => $"{count:N0} readers that never read";

    public TimeSpan Length => length;

    public async Task<Reach> RunAsync(CancellationToken stop)
    {
        for (var tick = 0; !stop.IsCancellationRequested; tick++)
        {
            for (var budget = (int)(perSecond * Tick.TotalSeconds); budget > 0 && _tried < count; budget--)
            {
                _tried++;
                await AskAsync();
            }

            if (tick % TicksPerLook == 0)
            {
                LetGoOfEnded();
            }

            await Task.Delay(Tick, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        LetGoOfEnded();
        var statuses = _held.Select(ReadStatus).ToArray();
        _held.ForEach(socket => socket.Dispose());
        var (streamed, refused) = (statuses.Count(status => status == 200), statuses.Count(status => status is 429 or 503));
        return new Reach(
            _most,
            $"{_asked:N0} asked, {_most:N0} open together; at its end {_ended:N0} ended by the gateway, {streamed:N0} held with 200, {refused:N0} refused (429, 503), {statuses.Length - streamed - refused:N0} without an answer or with another");
    }

    private async Task AskAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = ReceiveBytes };
        try
        {
            socket.SetRawSocketOption(TcpLevel, MaximumSegment, BitConverter.GetBytes(SegmentBytes));
            await socket.ConnectAsync(gateway.Host, gateway.Port);
            await socket.SendAsync(request.Bytes, SocketFlags.None);
            socket.Blocking = false;
            _held.Add(socket);
            _asked++;
        }
        catch (SocketException)
        {
            // Not one of those that asked.
            socket.Dispose();
        }
    }

    // Nothing may be read, so the end behind unread bytes is known only by the reset with which the gateway aborts.
    private void LetGoOfEnded()
    {
        _held.RemoveAll(socket =>
        {
            if (socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is 0)
            {
                return false;
            }

            _ended++;
            socket.Dispose();
            return true;
        });
        _most = Math.Max(_most, _held.Count);
    }

    // Only when the attack is over: whoever reads is not deaf.
    private int? ReadStatus(Socket socket)
    {
        var received = socket.Receive(_beginning, SocketFlags.None, out _);
        return received > 0 ? StatusLine.Find(_beginning.AsSpan(0, received)) : null;
    }
}
