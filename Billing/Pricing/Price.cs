using ComputeShare.Contracts;

namespace ComputeShare.Billing.Pricing;

/// <summary>A price as it was fixed when its node registered, and who earns by it. Never changes.</summary>
internal sealed record Price(string Id, string NodeId, string ModelId, string HosterId, string HosterName, TokenPrice PerMillion);
