using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;

namespace ComputeShare.HosterNode.Tunnels;

/// <summary>
/// Keeps one tunnel: accepting means dialling, with growing, jittered pauses, and the next one is dialled when the last is of no use any
/// more. Never throws: to the web server that would be the end of listening.
/// </summary>
internal sealed class TunnelListener(
    EndPoint endPoint, TunnelDialer dialer, TimeSpan longestPause, TimeProvider clock, CancellationToken nodeStops) : IConnectionListener
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    // A tunnel that lasted so long was a good one: its end is no reason to wait.
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(5);

    // Every replica that answers has a tunnel already: asking costs the gateways, and another replica may never come.
    private static readonly TimeSpan FirstPauseWithoutOthers = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPauseWithoutOthers = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource _unbound = CancellationTokenSource.CreateLinkedTokenSource(nodeStops);
    private NodeTunnel? _last;
    private long _opened;
    private TimeSpan _pause = FirstPause;
    private TimeSpan _pauseWithoutOthers = FirstPauseWithoutOthers;

    public EndPoint EndPoint => endPoint;

    /// <returns>Null: the node stops.</returns>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            if (_last is { } last)
            {
                await last.Released.WaitAsync(_unbound.Token);
                if (clock.GetElapsedTime(_opened) >= Lasting)
                {
                    _pause = FirstPause;
                }

                if (!last.IsLeaving)
                {
                    // Many nodes that lost the same gateway do not come to the next in the same moment.
                    await PauseAsync();
                }
            }

            return await DialAsync();
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default) => await _unbound.CancelAsync();

    public ValueTask DisposeAsync()
    {
        _unbound.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<NodeTunnel> DialAsync()
    {
        while (true)
        {
            var (tunnel, end) = await dialer.DialAsync(_unbound.Token);
            if (tunnel is not null)
            {
                (_last, _opened) = (tunnel, clock.GetTimestamp());
                _pauseWithoutOthers = FirstPauseWithoutOthers;
                return tunnel;
            }

            if (end == DialEnd.NoOtherGateway)
            {
                await Task.Delay(Jittered(_pauseWithoutOthers), clock, _unbound.Token);
                _pauseWithoutOthers = Min(_pauseWithoutOthers * 2, LongestPauseWithoutOthers);
            }
            else
            {
                await PauseAsync();
            }
        }
    }

    private async Task PauseAsync()
    {
        await Task.Delay(Jittered(_pause), clock, _unbound.Token);
        _pause = Min(_pause * 2, longestPause);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    // From half to the whole.
    private static TimeSpan Jittered(TimeSpan pause) => pause * (0.5 + (RandomNumberGenerator.GetInt32(501) / 1000.0));
}
