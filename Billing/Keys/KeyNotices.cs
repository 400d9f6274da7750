using System.Collections.Concurrent;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Keys;

/// <summary>Hands what the database says of changed keys to every gateway that has a session here.</summary>
internal sealed class KeyNotices
{
    private readonly ConcurrentDictionary<Subscription, Action<KeyNotice>> _gateways = new();

    /// <summary>Until what is returned is disposed of.</summary>
    public IDisposable Subscribe(Action<KeyNotice> tell)
    {
        var subscription = new Subscription(this);
        _gateways[subscription] = tell;
        return subscription;
    }

    public void Tell(KeyNotice notice)
    {
        foreach (var (_, tell) in _gateways)
        {
            tell(notice);
        }
    }

    private sealed class Subscription(KeyNotices notices) : IDisposable
    {
        public void Dispose() => notices._gateways.TryRemove(this, out _);
    }
}
