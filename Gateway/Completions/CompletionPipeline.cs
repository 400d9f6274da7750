using System.Diagnostics;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Admission;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Draining;
using ComputeShare.Gateway.Generations;
using ComputeShare.Gateway.Idempotency;
using ComputeShare.Gateway.Metering;
using ComputeShare.Gateway.Sessions;
using ComputeShare.Gateway.Settlement;
using ComputeShare.Gateway.Streaming;
using ComputeShare.Gateway.Telemetry;
using ComputeShare.ServiceDefaults.Faults;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Completions;

/// <summary>
/// READ FIRST: the way of one completion (DESIGN.md §2). Steps 1 and 2, the validated body and the caller, are done when it gets here.
/// What is taken is given back in <c>finally</c>, whatever has become of the client.
/// </summary>
internal sealed class CompletionPipeline(
    ApiKeyStore keys,
    AdmissionGate gate,
    CreditReserver credit,
    RequestMetering metering,
    NodeAttempts attempts,
    Settler settler,
    OpenStreams openStreams,
    RunningRequests running,
    IdempotencyRecord idempotency,
    Drain drain,
    GatewayTelemetry telemetry,
    FaultPoints faults,
    IOptions<StreamingOptions> streaming,
    TimeProvider clock,
    ILogger<CompletionPipeline> logger)
{
    public async Task RunAsync(CompletionContext context)
    {
        var span = telemetry.Start(context.Request.Operation.SpanName, context.Request.Model, context.Id.Value);
        await using ICompletionAnswer answer = context.Request.Stream
            ? new SseAnswer(context, streaming.Value, clock)
            : new WholeAnswer(context);
        CompletionOutcome? ended = null;
        running.Add(context);
        try
        {
            // 3-7: may it run, where, is it paid for, tokens in, tokens out.
            context.Outcome = ended = await RunStepsAsync(context, answer);
            if (context.Outcome.Error is not null)
            {
                await answer.FailAsync(context.Outcome);
            }
        }
        catch (Exception error) when (context.Http.RequestAborted.IsCancellationRequested)
        {
            CompletionLog.ClientLeft(logger, context.Id, error);
            // A client that leaves while it is told of a failure has still been failed.
            context.Outcome = ended ?? CompletionOutcome.ClientLeft;
        }
        catch (Exception error)
        {
            CompletionLog.Failed(logger, context.Id.Value, error);
            context.Outcome = CompletionOutcome.Defect;
            await answer.FailAsync(context.Outcome);
        }
        finally
        {
            await CompleteResponseAsync(context);
            running.Remove(context);
            await idempotency.EndAsync(context);
            var ticket = ReleaseTicketAsync(context);
            var settling = SettleAsync(context, ticket, span);
            // The client's next request on a connection of HTTP/1.1 is read when this method has ended. It waits for what it might need.
            await ticket;
            if (context.Hold is { IsShort: true })
            {
                await settling;
            }
        }
    }

    /// <summary>
    /// 8: settles what was delivered, which gives back the hold; ticket and slot do not wait for it. Never throws. The HTTP context may be
    /// another request's already.
    /// </summary>
    private async Task SettleAsync(CompletionContext context, Task ticket, Activity? span)
    {
        using var rest = drain.Enter();
        try
        {
            await settler.SettleAsync(context);
        }
        catch (Exception error)
        {
            CompletionLog.Failed(logger, context.Id.Value, error);
        }
        finally
        {
            openStreams.Close(context);
            await Task.WhenAll([ticket, .. context.Releases]);
            CompletionRecord.Write(context, span, telemetry, clock, logger);
            span?.Dispose();
        }
    }

    private async Task<CompletionOutcome> RunStepsAsync(CompletionContext context, ICompletionAnswer answer)
    {
        var cancellationToken = context.Http.RequestAborted;
        await metering.MeasureAsync(context, cancellationToken);
        if (await AdmitAsync(context, cancellationToken) is { } refused)
        {
            return refused;
        }

        await faults.ReachAsync("gateway.admitted", cancellationToken);
        context.Hold = credit.Begin(context.Id, context.OwnerEpoch, context.Caller.Record, context.Request.Choices, context.Request.MaxTokens);
        return await attempts.RunAsync(context, answer, cancellationToken);
    }

    private async Task<CompletionOutcome?> AdmitAsync(CompletionContext context, CancellationToken cancellationToken)
    {
        if (!MayUse(context))
        {
            return CompletionOutcome.ModelNotAllowed;
        }

        if (!context.Caller.Record.HasCredit)
        {
            return CompletionOutcome.NoCredit;
        }

        var reserved = context.Prompt.Likely + credit.FirstCompletionTokens(context.Request.Choices, context.Request.MaxTokens);
        var verdict = await gate.AdmitAsync(context.Id, context.Caller.Record, reserved);
        if (verdict is AdmissionVerdict.StaleKey)
        {
            if (await ReloadAsync(context, cancellationToken) is { } refused)
            {
                return refused;
            }

            verdict = await gate.AdmitAsync(context.Id, context.Caller.Record, reserved);
        }

        switch (verdict)
        {
            case AdmissionVerdict.Admitted admitted:
                context.Ticket = admitted.Ticket;
                context.Http.Response.WriteRateLimits(admitted.Levels);
                return null;
            case AdmissionVerdict.Limited limited:
                context.Http.Response.WriteRateLimits(limited.Levels);
                return CompletionOutcome.RateLimited(limited);
            case AdmissionVerdict.StaleKey:
                // Billing itself is behind what another gateway has seen of it: its next answer will do.
                return CompletionOutcome.BillingAway;
            default:
                return CompletionOutcome.RedisAway;
        }
    }

    private async Task<CompletionOutcome?> ReloadAsync(CompletionContext context, CancellationToken cancellationToken)
    {
        try
        {
            if (await keys.ReloadAsync(context.Caller.Key, cancellationToken) is not { Kind: KeyKind.Consumer } record)
            {
                return CompletionOutcome.KeyRevoked;
            }

            context.Caller = context.Caller with { Record = record };
            return !MayUse(context) ? CompletionOutcome.ModelNotAllowed
                : !record.HasCredit ? CompletionOutcome.NoCredit
                : null;
        }
        catch (SessionLostException)
        {
            return CompletionOutcome.BillingAway;
        }
    }

    // Any of the fallbacks may be the one that serves.
    private static bool MayUse(CompletionContext context) => context.Request.Models.All(context.Caller.MayUse);

    private async Task ReleaseTicketAsync(CompletionContext context)
    {
        if (context.Ticket is { } ticket)
        {
            // A client that left keeps its reservation spent: else hanging up would be a way around the limit.
            var used = context.Delivered.IsAnything ? context.PromptTokens + context.Delivered.Delivered : 0;
            await gate.ReleaseAsync(ticket, context.Outcome == CompletionOutcome.ClientLeft ? null : used);
        }
    }

    private async Task CompleteResponseAsync(CompletionContext context)
    {
        var response = context.Http.Response;
        try
        {
            if (context.Outcome == CompletionOutcome.ClientLeft && !response.HasStarted)
            {
                response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            }

            // A client that does not read must not keep the settlement waiting.
            await response.CompleteAsync().WaitAsync(streaming.Value.SlowReader, clock);
        }
        catch (TimeoutException)
        {
            context.Http.Abort();
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client is gone, or got its answer already.
        }
    }
}
