using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Metering;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Scheduling;
using ComputeShare.Gateway.Sessions;
using ComputeShare.Gateway.Streaming;
using ComputeShare.Gateway.Telemetry;
using ComputeShare.ServiceDefaults.Faults;
using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Completions;

/// <summary>
/// Step 4, and again after each failure before content: another node, a few attempts in total. A node that turns out to be full, or
/// not to have joined this gateway, costs no attempt.
/// </summary>
internal sealed class NodeAttempts(
    NodeLeaseClient leases,
    NodeAttempt attempt,
    ModelDirectory models,
    AccountSalts salts,
    RequestMetering metering,
    NodeCounts counts,
    GatewayTelemetry telemetry,
    FaultPoints faults,
    IOptions<CompletionOptions> options,
    TimeProvider clock,
    ILogger<NodeAttempts> logger)
{
    public async Task<CompletionOutcome> RunAsync(CompletionContext context, ICompletionAnswer answer, CancellationToken cancellationToken)
    {
        CompletionOutcome? lastFailure = null;
        var timesFull = 0;
        var full = new List<Reserved>();
        // The same for every attempt: all of them send this body.
        var prefixes = PrefixHashes.Of(context.Request.WorkBody, salts.Of(context.CachesOf).Prefix);
        while (true)
        {
            if (await LeaseAsync(context, full, prefixes, cancellationToken) is { } refused)
            {
                if (full.Count > 0)
                {
                    // They may have room, or have joined, any moment: a lease is given back a little before its node has stopped.
                    full.Clear();
                    await Task.Delay(options.Value.FullNodePause, clock, cancellationToken);
                    continue;
                }

                // Nobody is left to try: what the last node did wrong is the better answer.
                return lastFailure?.Finally() ?? refused;
            }

            answer.BeginAttempt();
            context.Attempt = NextAttempt(context);
            var lease = context.Lease!;
            var outcome = await RunAndReleaseAsync(context, lease, answer, cancellationToken);
            if (!outcome.MayTryAnotherNode || answer.ContentSent)
            {
                return outcome;
            }

            // A failed attempt is never paid, also when the client leaves before the next one begins.
            context.ForgetAttempt();
            if (outcome == CompletionOutcome.SlotsFull || outcome == CompletionOutcome.NodeUnknown || outcome == CompletionOutcome.OverMaxPrice)
            {
                // It was no attempt: whoever is told what was tried hears of those before it.
                (context.Attempt, context.Lease) = ((uint)context.Failed.Count, context.Failed.LastOrDefault());
                if (++timesFull > options.Value.FullNodes)
                {
                    return lastFailure?.Finally() ?? outcome;
                }

                full.Add(lease);
                continue;
            }

            context.Failed.Add(lease);

            CompletionLog.AttemptFailed(logger, context.Id.Value, context.Attempt, lease.NodeId, outcome.Name);
            lastFailure = outcome;
            if (context.Attempt >= options.Value.Attempts)
            {
                return outcome.Finally();
            }
        }
    }

    private static uint NextAttempt(CompletionContext context) => (uint)context.Failed.Count + 1;

    /// <returns>Null: <see cref="CompletionContext.Lease"/> is taken.</returns>
    private async Task<CompletionOutcome?> LeaseAsync(
        CompletionContext context, List<Reserved> full, List<ByteString> prefixes, CancellationToken cancellationToken)
    {
        var request = context.Request;
        var reserve = new Reserve
        {
            RequestId = context.Id.Value,
            AccountId = context.Caller.Record.AccountId,
            Attempt = NextAttempt(context),
            Models = { request.Models },
            Slots = request.Choices,
            PromptTokens = context.Prompt.AtLeast,
            MaxTokens = request.MaxTokens ?? 0,
            RequiredCapabilities = { request.Capabilities.Select(capability => capability.Name) },
            BodyBytes = (uint)request.WorkBody.Length,
            ExcludeNodes = { context.Failed.Concat(full).Select(tried => tried.NodeId).Distinct() },
            ExcludeHosters = { context.Failed.Select(failed => failed.HosterId).Distinct() },
            Policy = context.Caller.Record.Policy,
            AllowedModels = { context.Caller.Record.AllowedModels },
            Provider = Preferences(context),
            PrefixHashes = { prefixes },
            Explain = context.Story is not null,
        };
        if (request.Aim is { NodeId.Length: > 0 } aim)
        {
            reserve.OnlyNodes.Add(aim.NodeId);
        }

        try
        {
            var answer = await leases.ReserveAsync(reserve, context.Queued ?? TimeSpan.Zero, cancellationToken);
            switch (answer.AnswerCase)
            {
                case SchedulerAnswer.AnswerOneofCase.Reserved:
                    context.Lease = answer.Reserved;
                    context.AddQueued(answer.Reserved.QueueMs);
                    context.Story?.Placed(answer.Reserved);
                    return null;
                case SchedulerAnswer.AnswerOneofCase.Refused:
                    context.AddQueued(answer.Refused.QueueMs);
                    context.Story?.Refused(answer.Refused);
                    return await OutcomeAsync(answer.Refused, request, cancellationToken);
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
            await metering.PlacedAsync(context, cancellationToken);
            await faults.ReachAsync("gateway.leased", cancellationToken);
            var outcome = IsTooDear(context.Request.Provider, lease)
                ? CompletionOutcome.OverMaxPrice
                : await attempt.RunAsync(context, lease, answer, cancellationToken);
            context.Story?.Ended(outcome, context.TimeToFirstToken);
            report.Outcome = outcome.Name;
            report.Result = outcome switch
            {
                { Name: "completed" or "credit_ended" } => AttemptResult.Succeeded,
                { Blame: Blame.Node } => AttemptResult.NodeFailed,
                _ when outcome == CompletionOutcome.SlotsFull => AttemptResult.SlotsFull,
                _ => AttemptResult.Blameless,
            };
            if (report.Result == AttemptResult.NodeFailed)
            {
                context.FailedAttempts.Add(new Contracts.Billing.FailedAttempt { NodeId = lease.NodeId, ModelId = lease.ModelId, Outcome = outcome.Name });
            }

            telemetry.Attempted(lease.ModelId, outcome.Name);
            return outcome;
        }
        finally
        {
            report.PromptTokens = context.PromptTokens;
            report.CachedTokens = context.CachedTokens;
            report.CompletionTokens = context.Delivered.Written;
            report.ReportedPromptTokens = context.Report?.Usage?.PromptTokens ?? 0;
            report.ReportedCompletionTokens = context.Report?.Usage?.CompletionTokens ?? 0;
            counts.Add(lease, context);
            if (context.TimeToFirstToken is { } first)
            {
                report.TtftMs = (uint)first.TotalMilliseconds;
                report.DecodeMs = (uint)Math.Max(0, (clock.GetElapsedTime(started) - first - context.HeldUp).TotalMilliseconds);
            }

            // The slot is free now; the client need not wait until the scheduler knows.
            context.Releases.Add(leases.ReleaseAsync(context.Caller.Record.AccountId, lease, report, isAwaited: context.Hold is { IsShort: true }));
        }
    }

    private async Task<CompletionOutcome> OutcomeAsync(Refused refused, CompletionRequest request, CancellationToken cancellationToken)
    {
        var retryAfter = TimeSpan.FromMilliseconds(Math.Max(refused.RetryAfterMs, 1000));
        return refused.Kind switch
        {
            // The Scheduler knows what nodes serve, the catalogue what they might: 404 only for what neither knows.
            RefusalKind.UnknownModel when await models.AreUnknownAsync(request.Models, cancellationToken) => CompletionOutcome.UnknownModel(request.Model),
            RefusalKind.ContextTooLong => CompletionOutcome.ContextOverflow(request.Operation.PromptParam),
            RefusalKind.NothingFits when Param(refused, request) is { Length: > 0 } param => CompletionOutcome.Unsupported(param),
            _ => CompletionOutcome.NoCapacity(retryAfter, RefusalReason.Text(refused.Explanation), RefusalReason.Param(refused.Explanation)),
        };
    }

    // Without fallbacks a request stays with the hosters that its order names, or else with the one that it began with.
    private static ProviderPreferences? Preferences(CompletionContext context)
    {
        var preferences = context.Request.Provider;
        if (preferences is not { DisallowFallbacks: true, Order.Count: 0 } || context.Failed.Count == 0)
        {
            return preferences;
        }

        var staying = preferences.Clone();
        staying.Only.Clear();
        staying.Only.Add(context.Failed[0].HosterId);
        return staying;
    }

    private static bool IsTooDear(ProviderPreferences? preferences, Reserved lease) =>
        preferences is not null && lease.Price.Prices is { } prices
        && ((preferences.HasMaxPriceInput && prices.Input > preferences.MaxPriceInput)
            || (preferences.HasMaxPriceOutput && prices.Output > preferences.MaxPriceOutput));

    // The request knows best which of its fields asks for what.
    private static string Param(Refused refused, CompletionRequest request) =>
        request.Capabilities.FirstOrDefault(capability => capability.Name == refused.Capability).Param ?? refused.Param;
}
