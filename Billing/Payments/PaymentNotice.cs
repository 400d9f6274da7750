using ComputeShare.Contracts;

namespace ComputeShare.Billing.Payments;

/// <summary>What a provider says has happened.</summary>
/// <param name="EventId">The provider's, unique with it.</param>
/// <param name="Type">The provider's word for it.</param>
/// <param name="Act">What it means here.</param>
internal sealed record PaymentNotice(string EventId, string Type, PaymentAct Act);

internal abstract record PaymentAct;

/// <summary>Nothing that the ledger would know of.</summary>
internal sealed record NothingToBook(string Outcome) : PaymentAct;

/// <summary>An account has paid. Several events may tell of one payment: <paramref name="PaymentId"/> is what is booked once.</summary>
internal sealed record PaidIn(string PaymentId, string AccountId, Money Amount, IReadOnlyList<string> Sources) : PaymentAct;

/// <summary>What an account pays with was seen.</summary>
internal sealed record SourcesSeen(string AccountId, IReadOnlyList<string> Sources) : PaymentAct;

internal sealed record Refunded(string PaymentId, Money InAll) : PaymentAct;

internal sealed record Disputed(string PaymentId, Money Amount) : PaymentAct;

internal sealed record DisputeWon(string PaymentId) : PaymentAct;

internal sealed record PaidOut(Guid Payout, string Reference) : PaymentAct;

/// <summary>It never left, or came back: its state says which.</summary>
internal sealed record NotPaidOut(Guid Payout, string Reason) : PaymentAct;

/// <summary>What became of an event.</summary>
internal static class PaymentOutcomes
{
    public const string Booked = "booked";

    /// <summary>Another event had told of it, or nothing was left to do.</summary>
    public const string NoChange = "no_change";

    public const string Duplicate = "duplicate";
    public const string Ignored = "ignored";

    /// <summary>Money moved, and nothing here is its: a person must look.</summary>
    public const string Unmatched = "unmatched";

    public const string Currency = "unsupported_currency";
}
