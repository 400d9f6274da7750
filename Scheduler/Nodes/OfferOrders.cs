namespace ComputeShare.Scheduler.Nodes;

/// <summary>Some of the orders that a model's offers stand in.</summary>
[Flags]
internal enum OfferOrders
{
    None = 0,
    Score = 1,
    Price = 2,
    Latency = 4,
    Throughput = 8,
    All = Score | Price | Latency | Throughput,
}
