using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Sessions;
using Google.Protobuf;

namespace ComputeShare.Gateway.Idempotency;

/// <summary>
/// Between step 2 and 3, for requests with an Idempotency-Key: the first goes on, and is recorded in PostgreSQL before anything is
/// dispatched; the others get its answer, or are told why not (WIRE 55).
/// </summary>
internal sealed class IdempotencyGate(BillingSessions billing, AnswerSeal seal, KeyedRequests keyed, TimeProvider clock, ILogger<IdempotencyGate> logger)
{
    public const string Header = "Idempotency-Key";

    private const int MostKeyCharacters = 255;

    // A client has the whole answer a moment before Billing has its end: whoever repeats at once is worth waiting for.
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(60), TimeSpan.FromMilliseconds(200)];

    /// <summary>Sets the <see cref="KeyedRequest"/> and <see cref="AnswerRecorder"/> of a request with a key.</summary>
    /// <param name="context">Whose caller is known and whose body is valid.</param>
    /// <param name="hash">Of endpoint and body.</param>
    /// <returns>False: it is answered already.</returns>
    public async Task<bool> EnterAsync(HttpContext context, BodyHash hash)
    {
        if (context.Request.Headers[Header] is not { Count: > 0 } given)
        {
            return true;
        }

        if (given is not [{ Length: > 0 and <= MostKeyCharacters } key] || !key.All(character => character is >= ' ' and <= '~'))
        {
            await context.WriteErrorAsync(IdempotencyErrors.KeyMalformed);
            return false;
        }

        try
        {
            return await BeginAsync(context, key, hash.Finish());
        }
        catch (SessionLostException)
        {
            await context.WriteErrorAsync(OpenAIError.Unavailable);
            return false;
        }
    }

    private async Task<bool> BeginAsync(HttpContext context, string key, byte[] bodyHash)
    {
        var (own, account) = (context.RequestId(), context.Caller().Record.AccountId);
        var begin = new BeginIdempotent { AccountId = account, IdempotencyKey = key, BodyHash = ByteString.CopyFrom(bodyHash), RequestId = own.Value };
        var answer = await SendAsync(begin, context.RequestAborted);
        var begun = answer.IdempotentBegun;
        if (begun is null)
        {
            if (answer.Rejected is { } rejected)
            {
                IdempotencyLog.Rejected(logger, own.Value, rejected.Message);
            }

            await context.WriteErrorAsync(OpenAIError.Unavailable);
            return false;
        }

        var request = new KeyedRequest(account, key, RequestId.TryParse(begun.RequestId, out var id) ? id : own, begun.OwnerEpoch);
        if (begun.State == IdempotentState.Owned)
        {
            Own(context, request, own);
            return true;
        }

        await AnswerAsync(context, request, begun);
        return false;
    }

    private async Task<BillingAnswer> SendAsync(BeginIdempotent begin, CancellationToken cancellationToken)
    {
        for (var pause = 0; ; pause++)
        {
            var answer = await billing.SendAsync(begin.AccountId, new BillingCommand { BeginIdempotent = begin }, cancellationToken);
            if (answer.IdempotentBegun is not { State: IdempotentState.InFlight } || pause == Pauses.Length)
            {
                return answer;
            }

            await Task.Delay(Pauses[pause], clock, cancellationToken);
        }
    }

    private void Own(HttpContext context, KeyedRequest request, RequestId own)
    {
        keyed.Add(request);
        context.Features.Set(request);
        context.Features.Set(AnswerRecorder.Before(context));
        if (request.Id != own)
        {
            IdempotencyLog.TakenOver(logger, request.Id.Value, request.OwnerEpoch);
            context.SetRequestId(request.Id);
        }
    }

    private async Task AnswerAsync(HttpContext context, KeyedRequest request, IdempotentBegun begun)
    {
        switch (begun.State)
        {
            case IdempotentState.Finished when seal.Open(begun.Answer.Span, request) is { } answer:
                IdempotencyLog.GivenAgain(logger, request.Id.Value);
                context.SetRequestId(request.Id);
                await KeptAnswer.Read(answer).SendAsync(context);
                break;
            case IdempotentState.Finished or IdempotentState.NotKept:
                await context.WriteErrorAsync(IdempotencyErrors.NotKept(request.Id.Value));
                break;
            case IdempotentState.OtherBody:
                await context.WriteErrorAsync(IdempotencyErrors.OtherBody);
                break;
            default:
                await context.WriteErrorAsync(IdempotencyErrors.InFlight);
                break;
        }
    }
}
