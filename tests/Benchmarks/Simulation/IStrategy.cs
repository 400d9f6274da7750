namespace ComputeShare.Benchmarks.Simulation;

/// <summary>Who decides where a request runs. What it is told it may use, or not.</summary>
internal interface IStrategy
{
    string Name { get; }

    /// <param name="tried">Nodes that failed this request; none of them again.</param>
    /// <returns>A node of the request's model with a free slot; null when there is none.</returns>
    SimulatedNode? Choose(in SimulatedRequest request, IReadOnlyList<SimulatedNode> tried);

    /// <summary>The node's slot is taken.</summary>
    void Taken(in SimulatedRequest request, SimulatedNode node);

    /// <summary>The node's slot is free again.</summary>
    void Freed(SimulatedNode node, AttemptEnd end);

    /// <summary>A quarter of a second has passed.</summary>
    void Tick();
}

/// <param name="Failed">The node's failure, or its success.</param>
/// <param name="TtftSeconds">From dispatch; 0: no token came.</param>
/// <param name="TokensPerSecond">Of the stream.</param>
internal readonly record struct AttemptEnd(bool Failed, bool ByDeadline, double TtftSeconds, double TokensPerSecond);
