using System.Security.Cryptography;
using ComputeShare.Billing.Grouping;
using ComputeShare.Billing.Sessions;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Idempotency;

/// <summary>Checks what can be checked without the database, then hands the command to the lane of keyed requests.</summary>
internal sealed class KeyedRequestIntake(GroupLane<KeyedChange> lane)
{
    private const int MostKeyCharacters = 255;

    // 1 MiB of answer, and what the gateways put around it.
    private const int MostAnswerBytes = (1024 * 1024) + (16 * 1024);

    public ValueTask<BillingAnswer> AnswerAsync(BeginIdempotent begin, CancellationToken cancellationToken) => begin switch
    {
        { IdempotencyKey.Length: 0 or > MostKeyCharacters } => new(Answers.Rejected("The key has no characters, or too many.")),
        { BodyHash.Length: not SHA256.HashSizeInBytes } => new(Answers.Rejected("The body's hash is none.")),
        _ when !RequestId.TryParse(begin.RequestId, out _) => new(Answers.Rejected("The request id is not one.")),
        _ => lane.AnswerAsync(
            new BeginKeyed(begin.AccountId, begin.IdempotencyKey, Guid.ParseExact(begin.RequestId, "N"), begin.BodyHash.ToByteArray()),
            cancellationToken),
    };

    public ValueTask<BillingAnswer> AnswerAsync(FinishIdempotent finish, CancellationToken cancellationToken) => finish switch
    {
        { Answer.Length: > MostAnswerBytes } => new(Answers.Rejected("The answer is too large to keep.")),
        _ when !RequestId.TryParse(finish.RequestId, out _) => new(Answers.Rejected("The request id is not one.")),
        _ => lane.AnswerAsync(
            new FinishKeyed(
                finish.AccountId,
                finish.IdempotencyKey,
                Guid.ParseExact(finish.RequestId, "N"),
                finish.OwnerEpoch,
                finish.Answer.IsEmpty ? null : finish.Answer.ToByteArray(),
                finish.Forget),
            cancellationToken),
    };
}
