using ComputeShare.Billing.Idempotency;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Sessions;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Settlement;

/// <summary>
/// Decides over the settlements of a group, one after the other, on what was read under the group's locks; writes nothing itself.
/// </summary>
/// <param name="accounts">The consumers that the commands name.</param>
/// <param name="holds">What is held for the commands' requests, if it is held for the command's account.</param>
/// <param name="begun">The requests whose command the database had not seen: it has made a transaction for each.</param>
/// <param name="earlier">What it had for the others, by request.</param>
/// <param name="owners">Who may speak for those of the requests that have an Idempotency-Key.</param>
/// <param name="feeBasisPoints">The platform's part.</param>
internal sealed class SettlePlan(
    LockedFunds accounts,
    IReadOnlyDictionary<Guid, Money> holds,
    IReadOnlySet<Guid> begun,
    IReadOnlyDictionary<Guid, EarlierSettlement> earlier,
    RequestOwners owners,
    int feeBasisPoints)
{
    private readonly List<Entry> _entries = [];
    private readonly List<(SettleCommand Command, Money Paid)> _settled = [];
    private readonly List<SettleCommand> _late = [];

    public IReadOnlyList<Entry> Entries => _entries;

    public IReadOnlyList<(SettleCommand Command, Money Paid)> Settled => _settled;

    public IReadOnlyList<SettleCommand> Late => _late;

    public bool ChangesNothing => _settled.Count == 0 && _late.Count == 0;

    public BillingAnswer Decide(SettleCommand command)
    {
        if (begun.Contains(command.RequestId))
        {
            return Settle(command);
        }

        return earlier.TryGetValue(command.RequestId, out var before) ? AnswerAgain(command, before) : Refuse(command);
    }

    private BillingAnswer Settle(SettleCommand command)
    {
        var funds = accounts.Find(command.AccountId)!;
        funds.ChangeHold(holds.GetValueOrDefault(command.RequestId), Money.Zero);

        // The hold covers the amount unless it was lost with an unwritten commit, and the money spent elsewhere since.
        var paid = command.Amount < funds.Available ? command.Amount : funds.Available;
        funds.Pay(paid);
        _entries.AddRange(EntryPlan.Of(command, paid, feeBasisPoints));
        _settled.Add((command, paid));
        return Answers.Settled(paid);
    }

    private BillingAnswer AnswerAgain(SettleCommand command, EarlierSettlement before)
    {
        if (before.AccountId != command.AccountId)
        {
            return Answers.Rejected("The request is another account's.");
        }

        if (command.IsCorrection || command.FromReaper || !before.Recovered)
        {
            return Answers.Duplicate(before.Paid);
        }

        _late.Add(command);
        return Answers.Late(before.Paid);
    }

    private BillingAnswer Refuse(SettleCommand command) => Answers.Rejected(command switch
    {
        _ when owners.HasLost(command.RequestId, command.OwnerEpoch) => "The request was taken over by another gateway.",
        _ when accounts.Find(command.AccountId) is null => "No consumer has this account id.",
        { IsCorrection: true } => "A correction needs a settled request of the same account.",
        { FromReaper: true } => "The hold is gone, or a gateway has spoken of it again.",
        _ => "The request's hold is another account's.",
    });
}
