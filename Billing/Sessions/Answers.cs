using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Sessions;

/// <summary>The answers of a session, one line each.</summary>
internal static class Answers
{
    public static BillingAnswer Held(Money amount, uint completionTokens) =>
        new() { Held = new Held { Amount = amount.NanoDollars, CompletionTokens = completionTokens } };

    public static BillingAnswer HoldRefused(Money available, Money required) =>
        new() { HoldRefused = new HoldRefused { Available = available.NanoDollars, Required = required.NanoDollars } };

    public static BillingAnswer Settled(Money amount) => new() { Settled = new Settled { Amount = amount.NanoDollars } };

    public static BillingAnswer Duplicate(Money amount) =>
        new() { Settled = new Settled { Amount = amount.NanoDollars, Duplicate = true } };

    public static BillingAnswer Late(Money amount) => new() { Settled = new Settled { Amount = amount.NanoDollars, Late = true } };

    public static BillingAnswer Done() => new() { Done = new Done() };

    public static BillingAnswer Unavailable(string message) => new() { Unavailable = new Unavailable { Message = message } };

    public static BillingAnswer Rejected(string message) => new() { Rejected = new Rejected { Message = message } };
}
