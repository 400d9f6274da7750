namespace ComputeShare.Benchmarks.Simulation;

/// <summary>What is counted while a simulation runs.</summary>
internal sealed class SimulationCounts(int requests)
{
    private const double CachedPrice = 0.1;
    private const double PromptPrice = 0.25;

    private readonly List<double> _ttft = new(requests);
    private readonly List<double> _speeds = new(requests);
    private double _cost;
    private double _tokens;
    private double _loads;
    private int _looks;
    private int _laterTurns;
    private int _hits;

    /// <summary>Requests that waited in vain.</summary>
    public int Refused { get; set; }

    /// <summary>Requests whose every attempt failed.</summary>
    public int Failed { get; set; }

    public int FailedAttempts { get; set; }

    /// <param name="ttft">Seconds since the request came: with its waiting and its failed attempts.</param>
    public void Serves(in SimulatedRequest request, SimulatedNode node, bool holds, double ttft, double speed)
    {
        _ttft.Add(ttft);
        _speeds.Add(speed);
        _laterTurns += request.Turn > 1 ? 1 : 0;
        _hits += holds ? 1 : 0;
        _tokens += request.PromptTokens + request.CompletionTokens;
        _cost += node.Price / 1e6 * (request.CompletionTokens + (PromptPrice * (request.PromptTokens - (holds ? request.SaidBefore * (1 - CachedPrice) : 0))));
    }

    /// <param name="load">The part of all slots that is taken now.</param>
    public void Looks(double load)
    {
        _loads += load;
        _looks++;
    }

    public SimulationResult Result(string strategy, SimulatedNode[] nodes)
    {
        _ttft.Sort();
        _speeds.Sort();
        return new SimulationResult(
            strategy,
            Percentile.Of(_ttft, 0.5),
            Percentile.Of(_ttft, 0.99),
            Percentile.Of(_speeds, 0.5),
            _cost / 1e9 / _tokens * 1e6,
            Jain([.. nodes.Select(node => node.BusySlotSeconds / node.Slots)]),
            (double)_hits / _laterTurns,
            Refused,
            Failed,
            FailedAttempts,
            _loads / _looks);
    }

    /// <summary>1 where all have the same, 1/n where one has all.</summary>
    private static double Jain(double[] shares) => Math.Pow(shares.Sum(), 2) / (shares.Length * shares.Sum(share => share * share));
}

/// <param name="TtftP50">Seconds.</param>
/// <param name="TokensPerSecond">Median of the streams.</param>
/// <param name="DollarsPerMillion">Of prompt and completion tokens together.</param>
/// <param name="Fairness">Jain's index of how busy the hosters' slots were.</param>
/// <param name="PrefixHits">Of later turns, those whose node still held the conversation.</param>
/// <param name="Load">Mean part of all slots that was taken while conversations were opened.</param>
internal sealed record SimulationResult(
    string Strategy, double TtftP50, double TtftP99, double TokensPerSecond, double DollarsPerMillion, double Fairness, double PrefixHits,
    int Refused, int Failed, int FailedAttempts, double Load);
