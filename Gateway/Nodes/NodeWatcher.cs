using System.Diagnostics;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Sessions;
using Grpc.Core;

namespace ComputeShare.Gateway.Nodes;

/// <summary>
/// Holds one Watch on one node: registers what it offers at Billing, forwards each state to a Scheduler, and says that the node is gone
/// when the watch ends. The node then asks again; it is not dialled for ever.
/// </summary>
internal sealed class NodeWatcher(
    JoinedNode node,
    NodeChannel channel,
    NodeOffers offers,
    SchedulerSessions schedulers,
    GatewayReplica replica,
    TimeProvider clock,
    ILogger logger) : IDisposable
{
    // A node speaks at least every 5 s; one that is silent for three times as long is gone, whatever its connection says.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    // A node gathers its changes for 250 ms. What one sends beyond this pace stays in its connection, whose window then holds it back.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    // A node that drains tells each stream's end at once, and may have hundreds; a flood must not be read as fast as it comes.
    private const int MostPassedOver = 8;

    private readonly TaskCompletionSource<OpenAIError?> _firstReport = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _replaced = new();
    private volatile NodeReport? _latest;
    private volatile OpenAIError? _refusal;

    public JoinedNode Node => node;

    public NodeChannel Channel => channel;

    public string HosterId => offers.HosterId;

    /// <summary>Null: none yet, or the watch has ended.</summary>
    public NodeReport? Latest => _latest;

    /// <summary>Null when a state of the node has reached a Scheduler; else why none will.</summary>
    public Task<OpenAIError?> FirstReport => _firstReport.Task;

    /// <summary>Lasts as long as the watch.</summary>
    /// <param name="gatewayStops">Ends it without a word: the node is not gone, and other gateways may watch it too.</param>
    public async Task RunAsync(CancellationToken gatewayStops)
    {
        // Lives for long, and is no request's child.
        Activity.Current = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(gatewayStops, _replaced.Token);
        var (reason, refusal) = await WatchAsync(stop.Token);
        _firstReport.TrySetResult(refusal);
        if (_latest is { } last && !gatewayStops.IsCancellationRequested)
        {
            _latest = null;
            NodeLog.NodeGone(logger, node.Id, reason);
            var gone = new NodeGone { NodeId = node.Id, Incarnation = last.State.Incarnation, LastSequence = last.State.Sequence };
            await SendAsync(new SchedulerCommand { NodeGone = gone }, CancellationToken.None);
        }
    }

    /// <summary>The node joined again as somebody else: with another address, token or incarnation.</summary>
    public void Replace() => _replaced.Cancel();

    public void Dispose() => _replaced.Dispose();

    /// <summary>Registers the node again with its next state.</summary>
    public void RegisterAgain() => offers.Forget();

    /// <summary>The keys of the node's hoster have changed: without a good one it loses its place at once. Never throws.</summary>
    public async Task CheckKeyAsync()
    {
        try
        {
            await offers.ClaimIdAsync(CancellationToken.None);
        }
        catch (RequestRefusedException refused)
        {
            _refusal = refused.Error;
            Replace();
        }
        catch (SessionLostException)
        {
            // Its next state asks again.
            offers.Forget();
        }
        catch (ObjectDisposedException)
        {
            // The watch has ended meanwhile.
        }
    }

    /// <summary>A scheduler session stands anew: what it is told must not wait for the node's next state.</summary>
    public void ReportAgain()
    {
        if (_latest is { } report)
        {
            _ = ReportAsync(report, CancellationToken.None);
        }
    }

    /// <returns>Why the watch ended, and what a node that has just joined is told of it.</returns>
    private async Task<(string Reason, OpenAIError Refusal)> WatchAsync(CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Silence, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            var inference = new Inference.InferenceClient(channel.Invoker);
            using var watch = inference.Watch(new WatchRequest { Gateway = replica.Name }, cancellationToken: stop.Token);
            var next = watch.ResponseStream.MoveNext(stop.Token);
            var passedOver = 0;
            while (await next)
            {
                silence.CancelAfter(Silence);
                var state = watch.ResponseStream.Current;
                NodeStateBounds.Apply(state);
                next = watch.ResponseStream.MoveNext(stop.Token);
                // Each state is complete: one that is followed by a newer already is of no use.
                if (passedOver < MostPassedOver && next.IsCompletedSuccessfully && await next)
                {
                    passedOver++;
                    continue;
                }

                passedOver = 0;
                await ForwardAsync(state, stop.Token);
                await Task.Delay(Pace, clock, stop.Token);
            }

            return ("it ended the watch", NodeRefusals.Unreachable);
        }
        catch (RequestRefusedException refused)
        {
            NodeLog.NotRegistered(logger, node.Id, refused.Message);
            return ("it may not be offered", refused.Error);
        }
        catch (SessionLostException lost)
        {
            NodeLog.NotRegistered(logger, node.Id, lost.Message);
            return ("billing is away", OpenAIError.Unavailable);
        }
        catch (Exception error) when (error is RpcException or OperationCanceledException or IOException)
        {
            if (_refusal is { } refusal)
            {
                NodeLog.NotRegistered(logger, node.Id, refusal.Message);
                return ("its key is not good any more", refusal);
            }

            var reason = _replaced.IsCancellationRequested ? "it joined anew"
                : silence.IsCancellationRequested ? "it was silent"
                : (error as RpcException)?.StatusCode.ToString() ?? error.GetType().Name;
            return (reason, NodeRefusals.OfWatch(error));
        }
    }

    private async Task ForwardAsync(NodeState state, CancellationToken cancellationToken)
    {
        // The node is who it joined as, not who its state says.
        state.NodeId = node.Id;
        NodeReport report;
        try
        {
            report = await offers.ReportAsync(state, cancellationToken);
        }
        catch (SessionLostException lost) when (_latest is not null)
        {
            // A changed offer waits for Billing; what the Schedulers know of the node still holds for a while.
            NodeLog.NotRegistered(logger, node.Id, lost.Message);
            return;
        }

        if (_latest is null)
        {
            NodeLog.NodeSeen(logger, node.Id, report.Offers.Count);
        }

        _latest = report;
        await ReportAsync(report, cancellationToken);
    }

    private async Task ReportAsync(NodeReport report, CancellationToken cancellationToken)
    {
        if (await SendAsync(new SchedulerCommand { NodeReport = report }, cancellationToken))
        {
            _firstReport.TrySetResult(null);
        }
    }

    /// <returns>It was carried out.</returns>
    private async Task<bool> SendAsync(SchedulerCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return (await schedulers.SendAsync(node.Id, command, cancellationToken)).Unavailable is null;
        }
        catch (Exception error) when (error is SessionLostException or OperationCanceledException)
        {
            NodeLog.NotReported(logger, node.Id, command.Name, error.Message);
            return false;
        }
    }
}
