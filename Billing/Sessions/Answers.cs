using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Sessions;

/// <summary>The answers of a session, one line each.</summary>
internal static class Answers
{
    public static BillingAnswer Held(Money amount, uint completionTokens) =>
        new() { Held = new Held { Amount = amount.NanoDollars, CompletionTokens = completionTokens } };

    public static BillingAnswer HoldRefused(Money available, Money required) =>
        new()
        {
            HoldRefused = new HoldRefused
            {
                Available = available.NanoDollars,
                Required = required.NanoDollars,
                Reason = HoldRefusal.Balance,
            },
        };

    /// <param name="left">What the key may still spend on this request.</param>
    /// <param name="required">What it would have to.</param>
    /// <param name="resetsIn">Null: never.</param>
    public static BillingAnswer CapReached(Money left, Money required, TimeSpan? resetsIn) => new()
    {
        HoldRefused = new HoldRefused
        {
            Available = left.NanoDollars,
            Required = required.NanoDollars,
            Reason = HoldRefusal.SpendCap,

            // 0 would say that no such time comes.
            RetryAfterMs = resetsIn is { } wait ? (ulong)Math.Max(1, wait.TotalMilliseconds) : 0,
        },
    };

    public static BillingAnswer Settled(Money amount) => new() { Settled = new Settled { Amount = amount.NanoDollars } };

    public static BillingAnswer Duplicate(Money amount) =>
        new() { Settled = new Settled { Amount = amount.NanoDollars, Duplicate = true } };

    public static BillingAnswer Late(Money amount) => new() { Settled = new Settled { Amount = amount.NanoDollars, Late = true } };

    public static BillingAnswer Done() => new() { Done = new Done() };

    public static BillingAnswer Unavailable(string message) => new() { Unavailable = new Unavailable { Message = message } };

    public static BillingAnswer Rejected(string message) => new() { Rejected = new Rejected { Message = message } };
}
