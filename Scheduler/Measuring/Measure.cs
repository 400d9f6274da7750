namespace ComputeShare.Scheduler.Measuring;

/// <summary>What is known of one model on one node at one time. Immutable.</summary>
/// <param name="TtftMs">Average time to the first token; 0 = nobody knows.</param>
/// <param name="SlowTtftMs">Nine of ten are faster; 0 = not measured.</param>
/// <param name="TokensPerSecond">Average of one stream; 0 = nobody knows.</param>
/// <param name="ErrorRate">Failed attempts of all that say something, 0 to 1.</param>
/// <param name="UsualLoad">The part of the node's slots that was taken lately, on average.</param>
internal readonly record struct Measure(double TtftMs, double SlowTtftMs, double TokensPerSecond, double ErrorRate, double UsualLoad = 0);
