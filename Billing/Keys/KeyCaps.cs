using ComputeShare.Contracts;

namespace ComputeShare.Billing.Keys;

/// <param name="Amount">What may be spent in a window.</param>
/// <param name="Spent">What the window's settled requests have cost.</param>
/// <param name="ResetsIn">Null: never.</param>
internal sealed record CapState(Money Amount, Money Spent, TimeSpan? ResetsIn);

/// <summary>The spend caps of one key while a group decides over its holds: what the database has, and what the group changes.</summary>
internal sealed class KeyCaps(Money held)
{
    private readonly List<CapState> _caps = [];
    private Money _held = held;

    public void Add(CapState cap) => _caps.Add(cap);

    /// <summary>What the tightest cap leaves, beyond what is held; may be below zero after a cap was lowered.</summary>
    public Money Left => _caps.Min(cap => cap.Amount - cap.Spent) - _held;

    public void ChangeHold(Money before, Money now) => _held += now - before;

    /// <summary>When all caps that are in the way of this much more have begun anew; null = one of them never does.</summary>
    public TimeSpan? ResetsIn(Money required)
    {
        var inTheWay = _caps.Where(cap => cap.Amount - cap.Spent - _held < required).ToArray();
        return Array.Exists(inTheWay, cap => cap.ResetsIn is null) ? null : inTheWay.Max(cap => cap.ResetsIn);
    }
}
