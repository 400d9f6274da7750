using ComputeShare.Contracts;

namespace ComputeShare.Billing.Settlement;

/// <summary>What the database says of a (request, kind) that is settled already.</summary>
internal sealed record EarlierSettlement(string? AccountId, Money Paid, bool Recovered);
