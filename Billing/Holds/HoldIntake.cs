using ComputeShare.Billing.Grouping;
using ComputeShare.Billing.Pricing;
using ComputeShare.Billing.Sessions;
using ComputeShare.Billing.Telemetry;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Holds;

/// <summary>Checks what can be checked without a lock, then hands the command to the lane of holds.</summary>
internal sealed class HoldIntake(PriceList prices, GroupLane<HoldChange> lane, BillingTelemetry telemetry)
{
    public async ValueTask<BillingAnswer> AnswerAsync(Hold hold, CancellationToken cancellationToken)
    {
        var answer = await DecideAsync(hold, cancellationToken);
        telemetry.Held(answer.HoldRefused is { Reason: HoldRefusal.SpendCap } ? "SpendCap" : answer.AnswerCase.ToString());
        return answer;
    }

    public ValueTask<BillingAnswer> AnswerAsync(ReleaseHold release, CancellationToken cancellationToken) =>
        RequestId.TryParse(release.RequestId, out var id)
            ? lane.AnswerAsync(new GiveBackHold(Guid.ParseExact(id.Value, "N"), release.OwnerEpoch), cancellationToken)
            : new(Answers.Rejected("The request id is not one."));

    private async ValueTask<BillingAnswer> DecideAsync(Hold hold, CancellationToken cancellationToken)
    {
        if (!RequestId.TryParse(hold.RequestId, out var id))
        {
            return Answers.Rejected("The request id is not one.");
        }

        if (hold.Seq == 0)
        {
            return Answers.Rejected("A hold's seq starts at 1.");
        }

        if (hold.MinCompletionTokens > hold.CompletionTokens)
        {
            return Answers.Rejected("The least completion tokens are more than the wanted ones.");
        }

        if (await prices.FindAsync(hold.PriceId, cancellationToken) is not { } price)
        {
            return Answers.Rejected("The price is unknown.");
        }

        var place = new PlaceHold(
            Guid.ParseExact(id.Value, "N"),
            hold.OwnerEpoch,
            hold.Seq,
            hold.AccountId,
            hold.KeyId,
            price,
            hold.PromptTokens,
            hold.CompletionTokens,
            hold.MinCompletionTokens);
        return await lane.AnswerAsync(place, cancellationToken);
    }
}
