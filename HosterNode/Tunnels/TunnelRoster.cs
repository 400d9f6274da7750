namespace ComputeShare.HosterNode.Tunnels;

/// <summary>The node's tunnels, whatever has become of them, until the last stream on them has ended. Safe for any thread.</summary>
internal sealed class TunnelRoster
{
    private readonly Lock _lock = new();
    private readonly List<NodeTunnel> _tunnels = [];
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>The gateways that another tunnel must not end at: those that have one, and those that are about to go.</summary>
    public string[] Avoided
    {
        get
        {
            lock (_lock)
            {
                return [.. _tunnels.Where(tunnel => tunnel.IsLeaving || !tunnel.Released.IsCompleted).Select(tunnel => tunnel.Gateway).Distinct()];
            }
        }
    }

    public void Add(NodeTunnel tunnel)
    {
        lock (_lock)
        {
            _tunnels.Add(tunnel);
        }

        Changed();
    }

    public void Remove(NodeTunnel tunnel)
    {
        lock (_lock)
        {
            _tunnels.Remove(tunnel);
        }

        Changed();
    }

    /// <summary>A tunnel is watched now, or is about to go.</summary>
    public void Changed() => Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();

    /// <summary>Until a gateway that stays watches the node over a tunnel.</summary>
    /// <returns>False: not within the limit.</returns>
    public async Task<bool> IsWatchedWithinAsync(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(limit, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        while (!stop.IsCancellationRequested)
        {
            var changed = Volatile.Read(ref _changed).Task;
            lock (_lock)
            {
                if (_tunnels.Exists(tunnel => tunnel is { IsWatched: true, IsLeaving: false }))
                {
                    return true;
                }
            }

            await changed.WaitAsync(stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
