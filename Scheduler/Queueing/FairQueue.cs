namespace ComputeShare.Scheduler.Queueing;

/// <summary>
/// Waiting requests in a fair order: slots are shared out evenly among the accounts that wait, whatever each of them asks for. An account's
/// virtual time is the number of slots it was given while it waited; the one with the least comes next. An account that comes anew begins
/// where the others are: it gains nothing by having been away. Not thread-safe.
/// </summary>
internal sealed class FairQueue
{
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);
    private long _virtualTime;
    private long _arrivals;

    public int Count { get; private set; }

    public IEnumerable<Waiter> All => _accounts.Values.SelectMany(account => account.Waiters);

    public void Add(Waiter waiter)
    {
        if (!_accounts.TryGetValue(waiter.AccountId, out var account))
        {
            _accounts.Add(waiter.AccountId, account = new Account());
        }

        if (account.Waiters.Count == 0)
        {
            account.VirtualTime = Math.Max(account.VirtualTime, _virtualTime);
        }

        waiter.Arrival = ++_arrivals;
        account.Waiters.Add(waiter);
        Count++;
    }

    /// <param name="waiter">In the queue or not.</param>
    /// <param name="served">Its slots count.</param>
    public void Remove(Waiter waiter, bool served)
    {
        if (!_accounts.TryGetValue(waiter.AccountId, out var account) || !account.Waiters.Remove(waiter))
        {
            return;
        }

        Count--;
        if (served)
        {
            _virtualTime = Math.Max(_virtualTime, account.VirtualTime);
            account.VirtualTime += waiter.Slots;
        }

        Forget(waiter.AccountId, account);
    }

    /// <summary>Who is to be tried, in this order: as if each were served when its turn comes.</summary>
    public Waiter[] InOrder()
    {
        var order = new List<(long Time, Waiter Waiter)>(Count);
        foreach (var account in _accounts.Values)
        {
            var time = account.VirtualTime;
            foreach (var waiter in account.Waiters)
            {
                order.Add((time, waiter));
                time += waiter.Slots;
            }
        }

        return [.. order.OrderBy(entry => entry.Time).ThenBy(entry => entry.Waiter.Arrival).Select(entry => entry.Waiter)];
    }

    /// <summary>
    /// Whose place a newcomer of the account may take in a full queue: the youngest of the account that has most, if that is still more than
    /// the newcomer's own would then have.
    /// </summary>
    public Waiter? WhoMakesRoomFor(string accountId)
    {
        var own = _accounts.GetValueOrDefault(accountId)?.Waiters.Count ?? 0;
        var most = _accounts.Values.MaxBy(account => account.Waiters.Count);
        return most is not null && most.Waiters.Count > own + 1 ? most.Waiters[^1] : null;
    }

    // An account that has had more than its share is remembered until the others have caught up, or nobody waits any more.
    private void Forget(string accountId, Account account)
    {
        if (Count == 0)
        {
            _accounts.Clear();
        }
        else if (account.Waiters.Count == 0 && account.VirtualTime <= _virtualTime)
        {
            _accounts.Remove(accountId);
        }
    }

    private sealed class Account
    {
        public long VirtualTime { get; set; }

        public List<Waiter> Waiters { get; } = [];
    }
}
