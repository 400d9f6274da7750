namespace ComputeShare.Benchmarks.Gateways;

/// <summary>What one workload showed, by peer and round.</summary>
internal sealed record WorkloadFigures(Workload Workload)
{
    public List<Cost> Yarp { get; } = [];

    /// <summary>YARP with the settings that our services give the runtime.</summary>
    public List<Cost> Tuned { get; } = [];

    /// <summary>YARP as it comes, asked as rarely as the gateway answers; of whole answers only.</summary>
    public List<Cost> YarpRare { get; } = [];

    /// <summary>The same at half of that rate, as each of two that share the load is asked.</summary>
    public List<Cost> YarpHalf { get; } = [];

    /// <summary>The same at rates between that and what it can; of whole answers only.</summary>
    public IReadOnlyList<(double PerSecond, List<Cost> Costs)> YarpByRate { get; } = [(3000, []), (6000, []), (10_000, [])];

    public List<Cost> One { get; } = [];

    public List<Cost> Two { get; } = [];

    public List<Cost> Direct { get; } = [];

    public List<TimeSpan> YarpFirst { get; } = [];

    public List<TimeSpan> OneFirst { get; } = [];

    public List<TimeSpan> DirectFirst { get; } = [];

    /// <summary>The gateway's cost beside YARP's, of neighbouring rounds.</summary>
    public double VersusYarp => Versus(One, cost => cost.Gateway, Yarp);

    public double VersusTuned => Versus(One, cost => cost.Gateway, Tuned);

    public double VersusYarpAsRarely => Versus(One, cost => cost.Gateway, YarpRare);

    public double NodeVersusYarp => Versus(One, cost => cost.Node, Yarp);

    public double NodeVersusTuned => Versus(One, cost => cost.Node, Tuned);

    public double TwoVersusOne => Versus(Two, cost => cost.Gateway, One);

    /// <summary>What a request costs YARP at half of the gateway's rate, beside what it costs at the whole of it.</summary>
    public double HalfVersusRareYarp => Versus(YarpHalf, cost => cost.Gateway, YarpRare);

    public double BackendPerRequest => Median.Of(One.Select(cost => cost.Backend));

    /// <summary>Milliseconds that the product adds to the engine's own first token.</summary>
    public double FirstAdded(double percentile) => Percentile(OneFirst, percentile) - Percentile(DirectFirst, percentile);

    /// <returns>Milliseconds; 0 of nothing.</returns>
    public static double Percentile(IReadOnlyCollection<TimeSpan> times, double percentile) =>
        times.Count == 0 ? 0 : ComputeShare.Benchmarks.Percentile.Of([.. times.Order()], percentile).TotalMilliseconds;

    private static double Versus(List<Cost> costs, Func<Cost, double> of, List<Cost> peer) =>
        Median.Of(costs.Zip(peer, (cost, other) => of(cost) / other.Gateway));
}
