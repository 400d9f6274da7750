using ComputeShare.Contracts;

namespace ComputeShare.Billing.Ledger;

/// <summary>One consumer's money while a group decides over it: what the database has, and what the group changes.</summary>
internal sealed class Funds(long balance, long held)
{
    public long BalanceChange { get; private set; }

    public long HeldChange { get; private set; }

    public bool IsChanged => (BalanceChange, HeldChange) != (0, 0);

    /// <summary>What is neither spent nor held.</summary>
    public Money Available => new(balance + BalanceChange - held - HeldChange);

    /// <summary>Holds <paramref name="now"/> instead of <paramref name="before"/>.</summary>
    public void ChangeHold(Money before, Money now) => HeldChange = checked(HeldChange + now.NanoDollars - before.NanoDollars);

    public void Pay(Money amount) => BalanceChange = checked(BalanceChange - amount.NanoDollars);
}
