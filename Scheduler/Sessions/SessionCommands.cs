using System.Diagnostics;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Leases;
using ComputeShare.Scheduler.Measuring;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Placement;
using ComputeShare.Scheduler.Redis;
using ComputeShare.Scheduler.Sharing;
using ComputeShare.Scheduler.Telemetry;
using ComputeShare.ServiceDefaults.Faults;

namespace ComputeShare.Scheduler.Sessions;

/// <summary>What the commands of all sessions do: proto in, the stage that does the work, proto out.</summary>
internal sealed class SessionCommands(
    Reserver reserver, LeaseStore leases, NodeDirectory nodes, CoolDownStore coolDowns, Observations observations, FaultPoints faults, SchedulerTelemetry telemetry)
{
    public static SchedulerAnswer Done() => new() { Done = new Done() };

    public async Task<SchedulerAnswer> ReserveAsync(Reserve reserve, CancellationToken cancellationToken)
    {
        var span = Activity.Current;
        span?.SetTag(SchedulerTelemetry.RequestId, reserve.RequestId);
        span?.SetTag(SchedulerTelemetry.RequestModel, reserve.Models.FirstOrDefault());
        var answer = await reserver.ReserveAsync(reserve, cancellationToken);
        span?.SetTag(SchedulerTelemetry.Outcome, answer.Refused?.Kind.ToString() ?? "reserved");
        span?.SetTag(SchedulerTelemetry.ResponseModel, answer.Reserved?.ModelId);
        span?.SetTag(SchedulerTelemetry.Node, answer.Reserved?.NodeId);
        return answer;
    }

    public async Task<SchedulerAnswer> ReleaseAsync(Release release, CancellationToken cancellationToken)
    {
        if (release.Report is { } report)
        {
            telemetry.Reported(report.Result, report.ModelId);
        }

        if (AttemptSample.Of(release) is { } sample)
        {
            observations.Add(sample);
        }

        await faults.ReachAsync("scheduler.release", cancellationToken);
        // Before the slot is free: whoever waits for it must not be placed on a node that has just failed.
        await NoteAsync(release.NodeId, release.Report);
        if (LeaseId.TryParse(release.LeaseId, out var lease))
        {
            await leases.ReleaseAsync(lease, release.NodeId);
        }

        return Done();
    }

    private Task NoteAsync(string nodeId, AttemptReport? report) => FailurePolicy.Of(report) switch
    {
        FailureVerdict.Fails => coolDowns.FailedAsync(nodeId, isHalfDead: false, report!.Outcome),
        FailureVerdict.IsHalfDead => coolDowns.FailedAsync(nodeId, isHalfDead: true, report!.Outcome),
        FailureVerdict.Serves => coolDowns.SucceededAsync(nodeId),
        _ => Task.CompletedTask,
    };

    public async Task<SchedulerAnswer> RenewAsync(Renew renew)
    {
        var valid = new List<(LeaseId, string)>(renew.Leases.Count);
        var lost = new Renewed();
        foreach (var entry in renew.Leases)
        {
            if (LeaseId.TryParse(entry.LeaseId, out var lease))
            {
                valid.Add((lease, entry.NodeId));
            }
            else
            {
                lost.LostLeaseIds.Add(entry.LeaseId);
            }
        }

        lost.LostLeaseIds.Add((await leases.RenewAsync(valid)).Select(lease => lease.Value));
        telemetry.LeasesLost(lost.LostLeaseIds.Count);
        return new SchedulerAnswer { Renewed = lost };
    }

    public async Task<SchedulerAnswer> ReportNodeAsync(NodeReport report)
    {
        await nodes.ReportAsync(report);
        return Done();
    }

    public async Task<SchedulerAnswer> DropNodeAsync(NodeGone gone)
    {
        await nodes.LeaveAsync(gone);
        return Done();
    }
}
