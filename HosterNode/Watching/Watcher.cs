using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Membership;
using ComputeShare.HosterNode.Slots;
using Grpc.Core;

namespace ComputeShare.HosterNode.Watching;

/// <summary>Sends the node's state at once, at every change, when another gateway's watch ends, and at least every five seconds.</summary>
internal sealed class Watcher(NodeStates states, SlotTable slots, GatewayWatches watches, TimeProvider clock, ILogger<Watcher> log)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Ends with the call, or when the node is drained: its last state says so, with nothing running.</summary>
    public async Task RunAsync(WatchRequest request, IAsyncStreamWriter<NodeState> writer, CancellationToken cancellationToken)
    {
        HosterNodeLog.WatchStarted(log, request.Gateway);
        using var watch = watches.Begin(request.Gateway);
        try
        {
            NodeState state;
            do
            {
                Task changed = Task.WhenAny(slots.Changed, watches.Ended);
                state = await states.NextAsync(cancellationToken);
                await writer.WriteAsync(state, cancellationToken);
                if (!IsDrained(state))
                {
                    await changed.WaitAsync(Longest, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
            while (!IsDrained(state) && !cancellationToken.IsCancellationRequested);
        }
        finally
        {
            HosterNodeLog.WatchEnded(log, request.Gateway);
        }
    }

    // A node that is paused says the same and stays.
    private bool IsDrained(NodeState state) => state.Draining && state.RunningLeaseIds.Count == 0 && slots.Read().Draining;
}
