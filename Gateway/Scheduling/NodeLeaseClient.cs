using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Sessions;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Scheduling;

/// <summary>
/// Asks a Scheduler for slots on a node and gives them back. Whoever got <see cref="SchedulerAnswer.Reserved"/> must call
/// <see cref="ReleaseAsync"/>; until then the lease is renewed.
/// </summary>
internal sealed class NodeLeaseClient(
    SchedulerSessions sessions, LeasesInUse leases, SharedPause pause, IOptions<SchedulingOptions> options, ILogger<NodeLeaseClient> logger)
{
    // The answer to a reserve that waited to the last moment still has to travel.
    private static readonly TimeSpan AnswerMargin = TimeSpan.FromSeconds(5);

    /// <param name="queued">How long the request has waited already, for earlier attempts.</param>
    /// <returns>Reserved, Refused or Unavailable.</returns>
    /// <exception cref="SessionLostException">No scheduler answered.</exception>
    public async Task<SchedulerAnswer> ReserveAsync(Reserve reserve, TimeSpan queued, CancellationToken cancellationToken)
    {
        var wait = queued < options.Value.QueueTimeout ? options.Value.QueueTimeout - queued : TimeSpan.Zero;
        reserve.WaitMs = (uint)wait.TotalMilliseconds;
        var command = new SchedulerCommand { Reserve = reserve };
        // The command's own answer is waited for even when the caller leaves: it may carry a lease that nobody else knows of.
        var answering = sessions.SendAsync(reserve.AccountId, command, CancellationToken.None, wait + AnswerMargin);
        try
        {
            var answer = await answering.WaitAsync(cancellationToken);
            if (answer.Reserved is { } lease)
            {
                leases.Add(lease);
            }

            return answer;
        }
        catch (OperationCanceledException)
        {
            _ = AbandonAsync(reserve.AccountId, command.CorrelationId, answering);
            throw;
        }
    }

    /// <summary>Never throws: a lease that cannot be given back expires by itself.</summary>
    /// <param name="isAwaited">The client's next request waits for it.</param>
    public async Task ReleaseAsync(string accountId, Reserved lease, AttemptReport report, bool isAwaited)
    {
        leases.Remove(lease.LeaseId);
        // A failure is told at once: whoever is placed next should know of it.
        if (lease.NoHurry && !isAwaited && report.Result == AttemptResult.Succeeded)
        {
            await pause.WaitAsync();
        }

        await TryReleaseAsync(accountId, lease, report);
    }

    private async Task AbandonAsync(string accountId, ulong reserveId, Task<SchedulerAnswer> answering)
    {
        try
        {
            await sessions.SendAsync(accountId, new SchedulerCommand { Cancel = reserveId }, CancellationToken.None);
            if ((await answering).Reserved is { } lease)
            {
                await TryReleaseAsync(accountId, lease, new AttemptReport { Result = AttemptResult.Blameless, ModelId = lease.ModelId });
            }
        }
        catch (SessionLostException)
        {
            // The scheduler cancels what a lost session waited for; a lease already made expires.
        }
    }

    private async Task TryReleaseAsync(string accountId, Reserved lease, AttemptReport report)
    {
        var release = new Release { LeaseId = lease.LeaseId, NodeId = lease.NodeId, Report = report };
        try
        {
            await sessions.SendAsync(accountId, new SchedulerCommand { Release = release }, CancellationToken.None);
        }
        catch (SessionLostException)
        {
            SchedulingLog.ReleaseLost(logger, lease.LeaseId, lease.NodeId);
        }
    }
}
