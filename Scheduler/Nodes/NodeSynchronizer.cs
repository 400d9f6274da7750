using System.Threading.Channels;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Queueing;
using ComputeShare.Scheduler.Redis;
using ComputeShare.ServiceDefaults.Faults;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>
/// Keeps the registry and the views of slots and cool-downs in step with the other Schedulers: listens, and loads all that Redis holds at start and
/// after each time the connection was lost. The service serves meanwhile with what gateways tell it; only the first load is waited for.
/// </summary>
internal sealed class NodeSynchronizer(
    NodeRegistry registry, SlotViews slotViews, NodeStateStore store, SlotEvents slotEvents, CoolDownStore coolDowns, RedisConnection connection,
    CapacitySignal capacity, FaultPoints faults, IOptions<NodeOptions> options, TimeProvider clock, ILogger<NodeSynchronizer> logger) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _triedToLoad = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<bool> _reload = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>
    /// This Scheduler knows the nodes that Redis knows, or Redis is away. Before that it would refuse what others serve: a model that it
    /// has not read yet would be an unknown one.
    /// </summary>
    public Task TriedToLoad => _triedToLoad.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var subscribed = false;
        _reload.Writer.TryWrite(true);
        while (await _reload.Reader.WaitToReadAsync(stoppingToken) && _reload.Reader.TryRead(out _))
        {
            try
            {
                // A subscription that fails half-way would be made twice.
                await connection.PingAsync();
                if (!subscribed)
                {
                    await slotEvents.SubscribeAsync(HearSlots);
                    await coolDowns.SubscribeAsync();
                    await store.SubscribeAsync(Hear, () => _reload.Writer.TryWrite(true));
                    subscribed = true;
                }

                await faults.ReachAsync("scheduler.load", stoppingToken);
                await LoadAsync();
                _triedToLoad.TrySetResult();
            }
            catch (Exception error) when (error is RedisUnavailableException || RedisConnection.MeansUnavailable(error))
            {
                NodesLog.LoadFailed(logger, error.GetType().Name);
                _triedToLoad.TrySetResult();
                await Task.Delay(RetryAfter, clock, stoppingToken);
                _reload.Writer.TryWrite(true);
            }
        }
    }

    private async Task LoadAsync()
    {
        // Slots may have become free, and nobody heard.
        slotViews.ForgetAll();
        var loaded = 0;
        await foreach (var (report, life) in store.LoadAllAsync())
        {
            loaded += registry.Apply(report, life) ? 1 : 0;
            await coolDowns.LoadAsync(report.State.NodeId);
        }

        registry.MarkLoaded();
        capacity.Raise();
        NodesLog.NodesLoaded(logger, loaded);
    }

    private void Hear(SchedulerCommand command)
    {
        switch (command.CommandCase)
        {
            case SchedulerCommand.CommandOneofCase.NodeReport:
                registry.Apply(command.NodeReport, options.Value.Life);
                break;
            case SchedulerCommand.CommandOneofCase.NodeGone:
                registry.Apply(command.NodeGone);
                break;
        }
    }

    private void HearSlots(string nodeId, int taken, long version, TimeSpan firstExpiry)
    {
        var now = registry.Now;
        if (slotViews.Find(nodeId)?.Hear(taken, version, now, now + firstExpiry) == true)
        {
            registry.Unpark(nodeId);
            capacity.Raise();
        }
    }
}
