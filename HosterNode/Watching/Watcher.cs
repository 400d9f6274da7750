using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Membership;
using ComputeShare.HosterNode.Slots;
using Grpc.Core;

namespace ComputeShare.HosterNode.Watching;

/// <summary>
/// Sends the node's state at once, at every change, when another gateway's watch ends, and at least every five seconds. What runs changes
/// with every request, and nobody decides by it: such changes wait for others.
/// </summary>
internal sealed class Watcher(NodeStates states, SlotTable slots, GatewayWatches watches, TimeProvider clock, ILogger<Watcher> log)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    // A node of many short requests would be busy with telling of them, and all its gateways and Schedulers with hearing it.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(250);

    /// <summary>Ends with the call, or when the node is drained: its last state says so, with nothing running.</summary>
    public async Task RunAsync(WatchRequest request, IAsyncStreamWriter<NodeState> writer, CancellationToken cancellationToken)
    {
        HosterNodeLog.WatchStarted(log, request.Gateway);
        using var watch = watches.Begin(request.Gateway);
        try
        {
            NodeState state;
            Task turned = Task.CompletedTask, changed = turned, either = turned;
            do
            {
                // Waiters are kept over the rounds: a task that stays open for days would keep each new one.
                if (either.IsCompleted)
                {
                    turned = turned.IsCompleted ? Task.WhenAny(slots.Turned, watches.Ended) : turned;
                    changed = slots.Changed;
                    either = Task.WhenAny(turned, changed);
                }

                state = await states.NextAsync(cancellationToken);
                await writer.WriteAsync(state, cancellationToken);
                if (!IsDrained(state))
                {
                    await EndAsync(either, Longest, cancellationToken);
                    if (changed.IsCompleted)
                    {
                        await EndAsync(turned, Gathering, cancellationToken);
                    }
                }
            }
            while (!IsDrained(state) && !cancellationToken.IsCancellationRequested);
        }
        finally
        {
            HosterNodeLog.WatchEnded(log, request.Gateway);
        }
    }

    private async Task EndAsync(Task task, TimeSpan atMost, CancellationToken cancellationToken) =>
        await task.WaitAsync(atMost, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    // A node that is paused says the same and stays.
    private bool IsDrained(NodeState state) => state.Draining && state.RunningLeaseIds.Count == 0 && slots.Read().Draining;
}
