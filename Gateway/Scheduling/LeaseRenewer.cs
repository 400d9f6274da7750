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
    public override Task RunOnceAsync(CancellationToken cancellationToken) => leases.RenewAsync(all => RenewAsync(all, cancellationToken));

    private async Task RenewAsync(ICollection<LeaseRef> all, CancellationToken cancellationToken)
    {
        var command = new SchedulerCommand { Renew = new Renew { Leases = { all } } };
        try
        {
            var answer = await sessions.SendAsync(replica.Name, command, cancellationToken);
            foreach (var lost in answer.Renewed?.LostLeaseIds ?? [])
            {
                SchedulingLog.LeaseGone(Logger, lost);
            }
        }
        catch (SessionLostException lost)
        {
            SchedulingLog.RenewFailed(Logger, all.Count, lost.Message);
        }
    }
}
