namespace ComputeShare.Billing.Settlement;

/// <summary>One entry to be written.</summary>
internal sealed record Entry(long TransactionId, short Position, string AccountId, string Book, long Amount);
