namespace ComputeShare.Benchmarks.Simulation;

/// <summary>Nodes of mixed speed, price and reliability; the same ones for every strategy.</summary>
internal static class SimulatedMarket
{
    /// <summary>How much each model is asked for, and offered.</summary>
    public static readonly double[] Popularity = [0.40, 0.25, 0.15, 0.10, 0.06, 0.04];

    // From a gamer's card to a data centre's; the second number is its part of the fleet, the third its slots.
    private static readonly (double TokensPerSecond, double Part, int Slots)[] Cards = [(8, 0.35, 1), (15, 0.35, 2), (30, 0.20, 2), (60, 0.10, 4)];

    public static SimulatedNode[] Build(int nodes)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, nodes).Select(number => Build(number, random))];
    }

    private static SimulatedNode Build(int number, Random random)
    {
        var (typicalSpeed, _, slots) = Cards[Pick([.. Cards.Select(card => card.Part)], random)];
        var speed = typicalSpeed * LogNormal(random, 0.2);
        var luck = random.NextDouble();
        return new SimulatedNode(number, slots)
        {
            Model = Pick(Popularity, random),
            TokensPerSecond = speed,
            LatencySeconds = (random.NextDouble() < 0.03 ? 2.0 : 0.15) * LogNormal(random, 0.5),
            PrefillPerSecond = speed * 50,
            // A faster card is dearer, but not in proportion; the rest is what its hoster thinks it is worth.
            Price = (long)(200_000_000 * Math.Pow(typicalSpeed / 15, 0.4) * LogNormal(random, 0.5)),
            FailureRate = luck < 0.90 ? 0.002 : luck < 0.98 ? 0.05 : 0.4,
            IsHalfDead = random.NextDouble() < 0.3,
            Boast = random.NextDouble() switch { < 0.5 => 0, < 0.95 => 1, _ => 3 },
        };
    }

    public static int Pick(double[] parts, Random random)
    {
        var left = random.NextDouble() * parts.Sum();
        for (var i = 0; i < parts.Length - 1; i++)
        {
            left -= parts[i];
            if (left < 0)
            {
                return i;
            }
        }

        return parts.Length - 1;
    }

    /// <summary>Around 1.</summary>
    public static double LogNormal(Random random, double spread) =>
        Math.Exp(spread * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
