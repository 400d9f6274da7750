namespace ComputeShare.Benchmarks.Gateways;

/// <summary>One round of one peer; microseconds of processor time per token or request.</summary>
/// <param name="PerSecond">Tokens or requests.</param>
/// <param name="Gateway">Of what is compared.</param>
/// <param name="Node">HosterNode; 0 for peers.</param>
/// <param name="Backend">Scheduler and Billing together; 0 for peers.</param>
/// <param name="LoadShare">The load generator's part of one core, 0 to 1: near 1 it would be what is measured.</param>
internal sealed record Cost(double PerSecond, double Gateway, double Node, double Backend, double LoadShare);
