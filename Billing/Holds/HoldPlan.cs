using ComputeShare.Billing.Idempotency;
using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Pricing;
using ComputeShare.Billing.Sessions;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Holds;

/// <summary>A hold as the database has it.</summary>
internal sealed record PlacedHold(string AccountId, string KeyId, string PriceId, long Seq, Money Amount, uint CompletionTokens);

/// <summary>
/// Decides over the holds of a group, one command after the other, on what was read under the group's locks; writes nothing itself.
/// </summary>
/// <param name="accounts">The consumers that the commands and their holds name.</param>
/// <param name="keys">Those of the commands' keys that have spend caps.</param>
/// <param name="holds">The holds that the commands' requests have.</param>
/// <param name="settled">Those of the requests that are settled.</param>
/// <param name="owners">Who may speak for those of them that have an Idempotency-Key.</param>
/// <param name="invalidPrices">Those of the commands' prices that ended too long ago, or have not begun.</param>
internal sealed class HoldPlan(
    LockedFunds accounts,
    CappedKeys keys,
    IReadOnlyDictionary<Guid, PlacedHold> holds,
    IReadOnlySet<Guid> settled,
    RequestOwners owners,
    IReadOnlySet<string> invalidPrices)
{
    private readonly List<(PlaceHold Command, PlacedHold Hold)> _placed = [];
    private readonly List<Guid> _givenBack = [];

    public IReadOnlyList<(PlaceHold Command, PlacedHold Hold)> Placed => _placed;

    public IReadOnlyList<Guid> GivenBack => _givenBack;

    public bool ChangesNothing => _placed.Count == 0 && _givenBack.Count == 0;

    /// <summary>At most one command of a request may come to a plan.</summary>
    public BillingAnswer Decide(HoldChange change) => change switch
    {
        _ when owners.HasLost(change.RequestId, change.OwnerEpoch) => Answers.Rejected("The request was taken over by another gateway."),
        PlaceHold place => Decide(place),
        GiveBackHold giveBack => Decide(giveBack),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change.GetType().Name, "Not a change of a hold."),
    };

    private BillingAnswer Decide(PlaceHold command)
    {
        if (settled.Contains(command.RequestId))
        {
            return Answers.Rejected("The request is settled.");
        }

        if (accounts.Find(command.AccountId) is not { } funds)
        {
            return Answers.Rejected("No consumer has this account id.");
        }

        var before = holds.GetValueOrDefault(command.RequestId);
        if (before is not null && before.AccountId != command.AccountId)
        {
            return Answers.Rejected("The request is another account's.");
        }

        if (before?.PriceId != command.Price.Id && invalidPrices.Contains(command.Price.Id))
        {
            return Answers.Rejected("The price has ended, or has not begun.");
        }

        if (before is not null && before.Seq >= command.Seq)
        {
            return Answers.Held(before.Amount, before.CompletionTokens);
        }

        return Grant(command, funds, keys.Find(command.KeyId), before?.Amount ?? Money.Zero);
    }

    private BillingAnswer Grant(PlaceHold command, Funds funds, KeyCaps? caps, Money heldBefore)
    {
        var price = command.Price.PerMillion;
        var available = funds.Available + heldBefore;
        var payable = caps is null || available < caps.Left + heldBefore ? available : caps.Left + heldBefore;
        var tokens = HoldCost.CoveredBy(payable, price, command.PromptTokens, command.Wanted);
        if (tokens is null || tokens < command.Least)
        {
            // What is held already stays: the gateway ends the request with what it has delivered.
            var required = HoldCost.Of(price, command.PromptTokens, command.Least);
            return caps is null || required > available
                ? Answers.HoldRefused(available, required)
                : Answers.CapReached(payable, required, caps.ResetsIn(required - heldBefore));
        }

        var amount = HoldCost.Of(price, command.PromptTokens, tokens.Value);
        funds.ChangeHold(heldBefore, amount);
        caps?.ChangeHold(heldBefore, amount);
        _placed.Add((command, new PlacedHold(command.AccountId, command.KeyId, command.Price.Id, command.Seq, amount, tokens.Value)));
        return Answers.Held(amount, tokens.Value);
    }

    private BillingAnswer Decide(GiveBackHold command)
    {
        if (!holds.TryGetValue(command.RequestId, out var hold))
        {
            // Given back before, settled, or lost with an unwritten commit: there is nothing to give.
            return Answers.Done();
        }

        if (accounts.Find(hold.AccountId) is not { } funds)
        {
            return Answers.Unavailable("The hold was just placed; give it back again.");
        }

        funds.ChangeHold(hold.Amount, Money.Zero);
        keys.Find(hold.KeyId)?.ChangeHold(hold.Amount, Money.Zero);
        _givenBack.Add(command.RequestId);
        return Answers.Done();
    }
}
