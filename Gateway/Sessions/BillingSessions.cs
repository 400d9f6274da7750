using ComputeShare.Contracts.Billing;

namespace ComputeShare.Gateway.Sessions;

internal sealed class BillingSessions(IReadOnlyList<SessionPool<BillingCommands, BillingCommand, BillingAnswers, BillingAnswer>.Member> members)
    : SessionPool<BillingCommands, BillingCommand, BillingAnswers, BillingAnswer>("billing", members)
{
    /// <exception cref="SessionLostException">No billing is connected.</exception>
    public Billing.BillingClient Client(string key) => new(Pick(key).Calls);
}
