using System.Diagnostics;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Sessions;
using Grpc.Core;

namespace ComputeShare.Gateway.Nodes;

/// <summary>
/// Holds a Watch on one node: registers what it offers at Billing, forwards each state to a Scheduler, says that it is gone when the
/// watch ends, and watches again with back-off.
/// </summary>
internal sealed class NodeWatcher(
    ConfiguredNode node,
    IHosterChannels channels,
    SchedulerSessions schedulers,
    BillingSessions billing,
    GatewayReplica replica,
    TimeProvider clock,
    ILogger logger)
{
    // A node speaks at least every 5 s; one that is silent for three times as long is gone, whatever its connection says.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly NodeOffers _offers = new(node);
    private volatile NodeReport? _latest;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Lives as long as the process: no request's child.
        Activity.Current = null;
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            var reason = await WatchAsync(cancellationToken);
            if (_latest is { } last)
            {
                _latest = null;
                pause = FirstPause;
                NodeLog.NodeGone(logger, node.Id, reason);
                var gone = new NodeGone { NodeId = node.Id, Incarnation = last.State.Incarnation, LastSequence = last.State.Sequence };
                await SendAsync(new SchedulerCommand { NodeGone = gone }, CancellationToken.None);
            }

            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>A scheduler session stands anew: what it is told must not wait for the node's next state.</summary>
    public void ReportAgain()
    {
        if (_latest is { } report)
        {
            _ = SendAsync(new SchedulerCommand { NodeReport = report }, CancellationToken.None);
        }
    }

    /// <returns>Why the watch ended.</returns>
    private async Task<string> WatchAsync(CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Silence, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            var inference = new Inference.InferenceClient(channels.GetInvoker(node.Id));
            using var watch = inference.Watch(new WatchRequest { Gateway = replica.Name }, cancellationToken: stop.Token);
            while (await watch.ResponseStream.MoveNext(stop.Token))
            {
                silence.CancelAfter(Silence);
                await ForwardAsync(watch.ResponseStream.Current, stop.Token);
            }

            return "it ended the watch";
        }
        catch (Exception error) when (error is RpcException or OperationCanceledException or IOException or SessionLostException)
        {
            return silence.IsCancellationRequested ? "it was silent" : (error as RpcException)?.StatusCode.ToString() ?? error.GetType().Name;
        }
    }

    private async Task ForwardAsync(NodeState state, CancellationToken cancellationToken)
    {
        try
        {
            // The node is who the configuration says, not who it says itself.
            state.NodeId = node.Id;
            var report = await _offers.ReportAsync(state, billing.Client(node.Id), cancellationToken);
            if (_latest is null)
            {
                NodeLog.NodeSeen(logger, node.Id, report.Offers.Count);
            }

            _latest = report;
            await SendAsync(new SchedulerCommand { NodeReport = report }, cancellationToken);
        }
        catch (Exception error) when (error is SessionLostException || (error is RpcException && !cancellationToken.IsCancellationRequested))
        {
            NodeLog.NotRegistered(logger, node.Id, error.Message);
            if (_latest is null)
            {
                // Watching again gives a state at once; waiting for the next one would cost seconds at every start.
                throw;
            }
        }
    }

    private async Task SendAsync(SchedulerCommand command, CancellationToken cancellationToken)
    {
        try
        {
            await schedulers.SendAsync(node.Id, command, cancellationToken);
        }
        catch (Exception error) when (error is SessionLostException or OperationCanceledException)
        {
            NodeLog.NotReported(logger, node.Id, command.Name, error.Message);
        }
    }
}
