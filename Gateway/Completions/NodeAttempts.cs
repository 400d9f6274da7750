using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Scheduling;
using ComputeShare.Gateway.Sessions;
using ComputeShare.Gateway.Streaming;
using ComputeShare.Gateway.Telemetry;
using ComputeShare.ServiceDefaults.Faults;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Completions;

/// <summary>
/// Step 4, and again after each failure before content: another node, a few attempts in total. A node that turns out to be full costs no
/// attempt.
/// </summary>
internal sealed class NodeAttempts(
    NodeLeaseClient leases,
    NodeAttempt attempt,
    GatewayTelemetry telemetry,
    FaultPoints faults,
    IOptions<CompletionOptions> options,
    TimeProvider clock,
    ILogger<NodeAttempts> logger)
{
    public async Task<CompletionOutcome> RunAsync(CompletionContext context, ICompletionAnswer answer, CancellationToken cancellationToken)
    {
        CompletionOutcome? lastFailure = null;
        var fullNodes = 0;
        context.Attempt = 1;
        while (true)
        {
            if (await LeaseAsync(context, cancellationToken) is { } refused)
            {
                // Nobody is left to try: what the last node did wrong is the better answer.
                return lastFailure?.Finally() ?? refused;
            }

            await faults.ReachAsync("gateway.leased", cancellationToken);
            answer.BeginAttempt();
            context.Delivered = new DeliveredUsage(context.Request.Choices);
            context.Report = null;
            context.TimeToFirstToken = null;
            var lease = context.Lease!;
            var outcome = await RunAndReleaseAsync(context, lease, answer, cancellationToken);
            if (!outcome.MayTryAnotherNode || answer.ContentSent)
            {
                return outcome;
            }

            context.Failed.Add(lease);
            if (outcome == CompletionOutcome.SlotsFull)
            {
                if (++fullNodes > options.Value.FullNodes)
                {
                    return lastFailure?.Finally() ?? outcome;
                }

                continue;
            }

            CompletionLog.AttemptFailed(logger, context.Id.Value, context.Attempt, lease.NodeId, outcome.Name);
            lastFailure = outcome;
            if (context.Attempt >= options.Value.Attempts)
            {
                return outcome.Finally();
            }

            context.Attempt++;
        }
    }

    /// <returns>Null: <see cref="CompletionContext.Lease"/> is taken.</returns>
    private async Task<CompletionOutcome?> LeaseAsync(CompletionContext context, CancellationToken cancellationToken)
    {
        var request = context.Request;
        var reserve = new Reserve
        {
            RequestId = context.Id.Value,
            AccountId = context.Caller.Record.AccountId,
            Attempt = context.Attempt,
            Models = { request.Model },
            Slots = request.Choices,
            PromptTokens = context.Prompt.AtLeast,
            MaxTokens = request.MaxTokens ?? 0,
            RequiredCapabilities = { request.Capabilities },
            ExcludeNodes = { context.Failed.Select(failed => failed.NodeId).Distinct() },
            ExcludeHosters = { context.Failed.Select(failed => failed.HosterId).Distinct() },
            Policy = context.Caller.Record.Policy,
        };
        try
        {
            var answer = await leases.ReserveAsync(reserve, cancellationToken);
            switch (answer.AnswerCase)
            {
                case SchedulerAnswer.AnswerOneofCase.Reserved:
                    context.Lease = answer.Reserved;
                    context.Queued += TimeSpan.FromMilliseconds(answer.Reserved.QueueMs);
                    return null;
                case SchedulerAnswer.AnswerOneofCase.Refused:
                    return Outcome(answer.Refused, request.Model);
                default:
                    return CompletionOutcome.SchedulerAway;
            }
        }
        catch (SessionLostException)
        {
            return CompletionOutcome.SchedulerAway;
        }
    }

    private async Task<CompletionOutcome> RunAndReleaseAsync(CompletionContext context, Reserved lease, ICompletionAnswer answer, CancellationToken cancellationToken)
    {
        var report = new AttemptReport { Result = AttemptResult.Blameless, ModelId = lease.ModelId };
        var started = clock.GetTimestamp();
        try
        {
            var outcome = await attempt.RunAsync(context, lease, answer, cancellationToken);
            report.Result = outcome switch
            {
                { Name: "completed" or "credit_ended" } => AttemptResult.Succeeded,
                { Blame: Blame.Node } => AttemptResult.NodeFailed,
                _ when outcome == CompletionOutcome.SlotsFull => AttemptResult.SlotsFull,
                _ => AttemptResult.Blameless,
            };
            telemetry.Attempted(lease.ModelId, outcome.Name);
            return outcome;
        }
        finally
        {
            report.CompletionTokens = context.Delivered.Written;
            if (context.TimeToFirstToken is { } first)
            {
                report.TtftMs = (uint)first.TotalMilliseconds;
                report.DecodeMs = (uint)Math.Max(0, (clock.GetElapsedTime(started) - first).TotalMilliseconds);
            }

            // The slot is free now; the client need not wait until the scheduler knows.
            context.Releases.Add(leases.ReleaseAsync(context.Caller.Record.AccountId, lease, report));
        }
    }

    private static CompletionOutcome Outcome(Refused refused, string model)
    {
        var retryAfter = TimeSpan.FromMilliseconds(Math.Max(refused.RetryAfterMs, 1000));
        return refused.Kind switch
        {
            RefusalKind.UnknownModel => CompletionOutcome.UnknownModel(model),
            RefusalKind.ContextTooLong => CompletionOutcome.ContextOverflow,
            RefusalKind.NothingFits when refused.Param.Length > 0 => CompletionOutcome.Unsupported(refused.Param),
            _ => CompletionOutcome.NoCapacity(retryAfter),
        };
    }
}
