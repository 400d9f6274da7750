using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Sessions;
using ComputeShare.Gateway.Settlement;
using Google.Protobuf;

namespace ComputeShare.Gateway.Idempotency;

/// <summary>
/// Records the end of a request with an Idempotency-Key, before it is settled: a gateway that dies between the two leaves an answer that
/// is still paid for, from its checkpoint, and never a payment without an answer.
/// </summary>
internal sealed class IdempotencyRecord(BillingSessions billing, AnswerSeal seal, KeyedRequests keyed, TimeProvider clock, ILogger<IdempotencyRecord> logger)
{
    private const int MostTries = 300;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Does nothing for a request without a key. Never throws.</summary>
    public async Task EndAsync(CompletionContext context)
    {
        if (context.Keyed is not { } request)
        {
            return;
        }

        var recorder = context.Http.Features.Get<AnswerRecorder>()!;
        var end = Decide(context, recorder);
        var command = new FinishIdempotent
        {
            AccountId = request.AccountId,
            IdempotencyKey = request.Key,
            RequestId = request.Id.Value,
            OwnerEpoch = request.OwnerEpoch,
            Forget = end == IdempotencyEnd.Forget,
            Answer = end == IdempotencyEnd.Keep
                ? UnsafeByteOperations.UnsafeWrap(seal.Close(KeptAnswer.Of(context.Http.Response, recorder.Written).Write(), request))
                : ByteString.Empty,
        };
        if (!await TrySendAsync(command))
        {
            _ = SendAgainAsync(command, request);
            return;
        }

        keyed.Remove(request);
    }

    private static IdempotencyEnd Decide(CompletionContext context, AnswerRecorder recorder)
    {
        var outcome = context.Outcome;
        var isCharged = context.IsCharged && Settlements.Share(context) is not null;
        if (outcome == CompletionOutcome.ClientLeft || outcome == CompletionOutcome.ClientTooSlow)
        {
            // An answer in one piece was whole when it began to leave.
            return !isCharged ? IdempotencyEnd.Forget
                : context.AnswerLeaves && !recorder.IsTooLarge ? IdempotencyEnd.Keep
                : IdempotencyEnd.DoNotKeep;
        }

        // What costs nothing and may go better the next time is tried again; a stream that broke after content was paid for.
        var isFinal = isCharged || outcome.Error is null or { Status: 400 or 403 or 404 };
        return !isFinal ? IdempotencyEnd.Forget : recorder.IsTooLarge ? IdempotencyEnd.DoNotKeep : IdempotencyEnd.Keep;
    }

    // Until Billing knows the end, the request counts as alive: a retry must not take over what was answered.
    private async Task SendAgainAsync(FinishIdempotent command, KeyedRequest request)
    {
        for (var tries = 1; tries < MostTries; tries++)
        {
            await Task.Delay(Pause, clock);
            if (await TrySendAsync(command))
            {
                break;
            }
        }

        keyed.Remove(request);
    }

    private async Task<bool> TrySendAsync(FinishIdempotent command)
    {
        try
        {
            var answer = await billing.SendAsync(command.AccountId, new BillingCommand { FinishIdempotent = command }, CancellationToken.None);
            if (answer.Rejected is { } rejected)
            {
                IdempotencyLog.Rejected(logger, command.RequestId, rejected.Message);
            }

            return answer.Done is not null || answer.Rejected is not null;
        }
        catch (SessionLostException lost)
        {
            IdempotencyLog.NotRecorded(logger, command.RequestId, lost.Message);
            return false;
        }
    }
}
