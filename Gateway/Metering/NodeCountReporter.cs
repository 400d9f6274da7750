using ComputeShare.Gateway.Nodes;
using ComputeShare.Gateway.Sessions;
using ComputeShare.ServiceDefaults.Workers;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Metering;

/// <summary>Tells Billing how nodes count, and has those registered again of which it then thinks otherwise.</summary>
internal sealed class NodeCountReporter(
    NodeCounts counts,
    BillingSessions billing,
    JoinedNodes nodes,
    GatewayReplica replica,
    IOptions<MeteringOptions> options,
    TimeProvider clock,
    ILogger<NodeCountReporter> logger)
    : PeriodicWorker(options.Value.ReportEvery, clock, logger)
{
    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var report = counts.Take();
        if (report.Nodes.Count == 0)
        {
            return;
        }

        try
        {
            var reply = await billing.Client(replica.Name).ReportCountsAsync(report, cancellationToken: cancellationToken);
            foreach (var nodeId in reply.ChangedNodeIds)
            {
                nodes.RegisterAgain(nodeId);
            }
        }
        catch (Exception error) when (error is SessionLostException or RpcException)
        {
            counts.Add(report.Nodes);
            MeteringLog.CountsNotReported(Logger, report.Nodes.Count, error.Message);
        }
    }
}
