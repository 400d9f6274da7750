namespace ComputeShare.Billing.Settlement;

/// <summary>One entry to be written.</summary>
internal sealed record Entry(Guid RequestId, string Kind, short Position, string AccountId, string Book, long Amount);
