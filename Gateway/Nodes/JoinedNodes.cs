using System.Collections.Concurrent;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Nodes.Tunnels;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Sessions;
using Grpc.Core;

namespace ComputeShare.Gateway.Nodes;

/// <summary>The nodes that joined this gateway: a watch on each, and its channel, for as long as the watch lasts.</summary>
internal sealed class JoinedNodes : BackgroundService
{
    // A node that can be reached is known to a Scheduler within moments; one that cannot is told so after the connect time-out.
    private static readonly TimeSpan FirstReportWithin = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, NodeWatcher> _watchers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly AllowedNetworks _networks;
    private readonly DirectChannel.Opener _channels;
    private readonly SchedulerSessions _schedulers;
    private readonly BillingSessions _billing;
    private readonly GatewayReplica _replica;
    private readonly TimeProvider _clock;
    private readonly ILogger<NodeWatcher> _logger;

    public JoinedNodes(
        AllowedNetworks networks,
        DirectChannel.Opener channels,
        SchedulerSessions schedulers,
        BillingSessions billing,
        GatewayReplica replica,
        TimeProvider clock,
        ILogger<NodeWatcher> logger)
    {
        (_networks, _channels, _schedulers, _billing, _replica, _clock, _logger) = (networks, channels, schedulers, billing, replica, clock, logger);
        foreach (var scheduler in schedulers.Members)
        {
            scheduler.Session.Connected += ReportAgain;
        }

        billing.KeysChanged += CheckKeys;
    }

    /// <summary>The tunnels that end here, of nodes that are watched over them.</summary>
    public IEnumerable<(string NodeId, TunnelChannel Channel)> Tunnels =>
        from watcher in _watchers.Values
        where watcher.Channel is TunnelChannel
        select (watcher.Node.Id, (TunnelChannel)watcher.Channel);

    /// <summary>What the nodes that are watched here said last.</summary>
    public IEnumerable<NodeReport> Reports => _watchers.Values.Select(watcher => watcher.Latest).OfType<NodeReport>();

    /// <returns>Null: no tunnel of the node ends here.</returns>
    public TunnelChannel? FindTunnel(string nodeId) => _watchers.TryGetValue(nodeId, out var watcher) ? watcher.Channel as TunnelChannel : null;

    public CallInvoker? GetInvoker(string nodeId) => _watchers.TryGetValue(nodeId, out var watcher) ? watcher.Channel.Invoker : null;

    /// <summary>Watches the node. Asking again while it is watched changes nothing.</summary>
    /// <returns>A Scheduler knows the node now; false: not yet.</returns>
    /// <exception cref="RequestRefusedException">The node may not join, or cannot be called.</exception>
    /// <exception cref="SessionLostException">Billing is away.</exception>
    public async Task<bool> JoinAsync(JoinedNode node, CancellationToken cancellationToken)
    {
        if (!_watchers.TryGetValue(node.Id, out var watcher) || watcher.Node != node)
        {
            await _networks.CheckAsync(node.Address, cancellationToken);
            watcher = Watch(node, await ClaimAsync(node, cancellationToken), () => _channels.Open(node));
        }

        try
        {
            var refusal = await watcher.FirstReport.WaitAsync(FirstReportWithin, _clock, cancellationToken);
            return refusal is null ? true : throw new RequestRefusedException(refusal);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Billing knows something new of the node; nothing happens where it is not watched.</summary>
    public void RegisterAgain(string nodeId)
    {
        if (_watchers.TryGetValue(nodeId, out var watcher))
        {
            watcher.RegisterAgain();
        }
    }

    /// <summary>The node's id is its hoster's, or becomes it.</summary>
    /// <exception cref="RequestRefusedException">It is another's.</exception>
    /// <exception cref="SessionLostException">Billing is away.</exception>
    public async Task<NodeOffers> ClaimAsync(JoinedNode node, CancellationToken cancellationToken)
    {
        var offers = new NodeOffers(node, _billing, _clock);
        await offers.ClaimIdAsync(cancellationToken);
        return offers;
    }

    /// <summary>Ends all watches without a word to the Schedulers: other gateways may watch the same nodes.</summary>
    public async Task StopWatchingAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running.Keys);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, _clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await StopWatchingAsync();
    }

    /// <summary>Begins a watch, in place of one that the node had under another address or as another process.</summary>
    /// <param name="open">Called unless the node is watched so already.</param>
    public NodeWatcher Watch(JoinedNode node, NodeOffers offers, Func<NodeChannel> open)
    {
        lock (_lock)
        {
            if (_watchers.TryGetValue(node.Id, out var current))
            {
                // Two asks at once.
                if (current.Node == node)
                {
                    return current;
                }

                current.Replace();
            }

            var watcher = new NodeWatcher(node, open(), offers, _schedulers, _replica, _clock, _logger);
            _watchers[node.Id] = watcher;
            var running = Task.Run(() => RunAsync(watcher), CancellationToken.None);
            _running[running] = true;
            _ = running.ContinueWith(ended => _running.TryRemove(ended, out _), TaskScheduler.Default);
            return watcher;
        }
    }

    private async Task RunAsync(NodeWatcher watcher)
    {
        try
        {
            await watcher.RunAsync(_stopping.Token);
        }
        finally
        {
            lock (_lock)
            {
                // Unless another has taken its place.
                _watchers.TryRemove(new(watcher.Node.Id, watcher));
                watcher.Dispose();
            }

            _ = watcher.Channel.CloseLaterAsync();
        }
    }

    private void CheckKeys(KeyNotice notice)
    {
        foreach (var watcher in _watchers.Values)
        {
            if (notice.AccountId.Length == 0)
            {
                // Notices may have been missed: the states of all nodes do not come at once.
                watcher.RegisterAgain();
            }
            else if (watcher.HosterId == notice.AccountId)
            {
                _ = watcher.CheckKeyAsync();
            }
        }
    }

    private void ReportAgain()
    {
        foreach (var watcher in _watchers.Values)
        {
            watcher.ReportAgain();
        }
    }
}
