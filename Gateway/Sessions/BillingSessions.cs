using ComputeShare.Contracts.Billing;

namespace ComputeShare.Gateway.Sessions;

internal sealed class BillingSessions : SessionPool<BillingCommands, BillingCommand, BillingAnswers, BillingAnswer>
{
    public BillingSessions(IReadOnlyList<Member> members)
        : base("billing", members)
    {
        foreach (var member in members)
        {
            // What was said while there was no session is lost.
            member.Session.Connected += () => KeysChanged?.Invoke(new KeyNotice());
            member.Session.Received += Hear;
        }
    }

    /// <summary>An account's keys or limits are others now, or may be. Handlers must not block.</summary>
    public event Action<KeyNotice>? KeysChanged;

    /// <exception cref="SessionLostException">No billing is connected.</exception>
    public Billing.BillingClient Client(string key) => new(Pick(key).Calls);

    private void Hear(BillingAnswers message)
    {
        foreach (var notice in message.KeyNotices)
        {
            KeysChanged?.Invoke(notice);
        }
    }
}
