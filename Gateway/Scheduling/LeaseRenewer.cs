using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Sessions;
using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Scheduling;

/// <summary>Renews all leases in use in one batch. A lost lease ends no stream: the node is the last authority over its slots.</summary>
internal sealed class LeaseRenewer(
    SchedulerSessions sessions,
    LeasesInUse leases,
    GatewayReplica replica,
    IOptions<SchedulingOptions> options,
    TimeProvider clock,
    ILogger<LeaseRenewer> logger)
    : PeriodicWorker(options.Value.RenewEvery, clock, logger)
{
    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var renew = new Renew { Leases = { leases.All } };
        if (renew.Leases.Count == 0)
        {
            return;
        }

        try
        {
            var answer = await sessions.SendAsync(replica.Name, new SchedulerCommand { Renew = renew }, cancellationToken);
            foreach (var lost in answer.Renewed?.LostLeaseIds ?? [])
            {
                SchedulingLog.LeaseGone(Logger, lost);
            }
        }
        catch (SessionLostException lost)
        {
            SchedulingLog.RenewFailed(Logger, renew.Leases.Count, lost.Message);
        }
    }
}
