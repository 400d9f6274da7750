using System.Globalization;
using ComputeShare.Billing.Grouping;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Pricing;
using ComputeShare.Billing.Sessions;
using ComputeShare.Billing.Telemetry;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Settlement;

/// <summary>Checks and prices what can be checked without a lock, then hands the settlement to the lane of settlements.</summary>
internal sealed class SettleIntake(SharePricer pricer, GroupLane<SettleCommand> lane, BillingTelemetry telemetry)
{
    public ValueTask<BillingAnswer> AnswerAsync(Settle settle, CancellationToken cancellationToken) =>
        AnswerAsync(settle, fromReaper: false, cancellationToken);

    /// <summary>Settles for a gateway that fell silent. Rejected when it spoke again in the meantime.</summary>
    public ValueTask<BillingAnswer> RecoverAsync(Settle settle, CancellationToken cancellationToken) =>
        AnswerAsync(settle, fromReaper: true, cancellationToken);

    private async ValueTask<BillingAnswer> AnswerAsync(Settle settle, bool fromReaper, CancellationToken cancellationToken)
    {
        var answer = await DecideAsync(settle, fromReaper, cancellationToken);
        telemetry.Settled(answer switch
        {
            { Settled.Late: true } => "Late",
            { Settled.Duplicate: true } => "Duplicate",
            _ => answer.AnswerCase.ToString(),
        });
        return answer;
    }

    private async ValueTask<BillingAnswer> DecideAsync(Settle settle, bool fromReaper, CancellationToken cancellationToken)
    {
        if (!RequestId.TryParse(settle.RequestId, out var id))
        {
            return Answers.Rejected("The request id is not one.");
        }

        if (!IsKind(settle.Kind))
        {
            return Answers.Rejected("The kind is neither settle nor correction-<n>.");
        }

        var (shares, wrong) = await pricer.PriceAsync(settle.Shares, cancellationToken);
        if (wrong is not null)
        {
            return Answers.Rejected(wrong);
        }

        var command = new SettleCommand(
            Guid.ParseExact(id.Value, "N"),
            settle.AccountId,
            settle.Kind,
            shares,
            TokenPrice.AmountFor(shares.Select(share => (share.Price.PerMillion, share.Counts))),
            settle.Record ?? new GenerationRecord(),
            settle.OwnerEpoch,
            fromReaper);
        return await lane.AnswerAsync(command, cancellationToken);
    }

    private static bool IsKind(string kind)
    {
        if (!kind.StartsWith(TransactionKinds.CorrectionPrefix, StringComparison.Ordinal))
        {
            return kind == TransactionKinds.Settle;
        }

        var number = kind[TransactionKinds.CorrectionPrefix.Length..];
        return number is { Length: <= 9 }
            && !number.StartsWith('0')
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }
}
