namespace ComputeShare.Benchmarks.Simulation;

/// <summary>
/// Conversations that begin over some squeezed days: quiet nights, busy noons, and bursts of one model. Made once, so that every strategy
/// is asked the same; when a later turn is asked depends on when the answer before it was there.
/// </summary>
internal static class SimulatedTraffic
{
    public const double DaySeconds = 400;
    public const int Days = 3;

    private const double BurstSeconds = 15;
    private const double BurstEvery = 95;
    private const double BurstFactor = 3;

    private const double TypicalQuestion = 500;
    private const double TypicalAnswer = 900;
    private const double TypicalPause = 40;
    private const double GoesOn = 0.6;
    private const int MostTurns = 6;

    // Of conversations that go on so often, but not for ever.
    private static readonly double MeanTurns = (1 - Math.Pow(GoesOn, MostTurns)) / (1 - GoesOn);

    private static readonly double[][] Bursts = [.. SimulatedMarket.Popularity.Select((_, model) => Burst(model))];

    /// <returns>The turns of a conversation one after the other, conversations by their beginning.</returns>
    public static SimulatedRequest[] Build(int requests)
    {
        var random = new Random(2);
        var all = new List<SimulatedRequest>(requests);
        var at = 0.0;
        var perRate = requests / MeanTurns / (Enumerable.Range(0, (int)(DaySeconds * Days)).Average(second => Rate(second)) * DaySeconds * Days);
        for (var conversation = 0; all.Count < requests; conversation++)
        {
            at += -Math.Log(1 - random.NextDouble()) / (Rate(at) * perRate);
            AddConversation(all, requests, at, conversation, random);
        }

        return [.. all];
    }

    private static void AddConversation(List<SimulatedRequest> all, int requests, double at, int conversation, Random random)
    {
        var model = SimulatedMarket.Pick(Popularity(at), random);
        var (said, goesOn) = (0, true);
        for (var turn = 1; goesOn; turn++)
        {
            var prompt = said + (int)Math.Clamp(TypicalQuestion * SimulatedMarket.LogNormal(random, 1), 10, 20_000);
            var answer = (int)Math.Clamp(TypicalAnswer * SimulatedMarket.LogNormal(random, 0.7), 20, 8_000);
            var pause = TypicalPause * SimulatedMarket.LogNormal(random, 0.8);
            goesOn = random.NextDouble() < GoesOn && turn < MostTurns && all.Count + 1 < requests;
            all.Add(new SimulatedRequest(at, model, conversation, turn, pause, said, prompt, answer, goesOn));
            said = prompt + answer;
        }
    }

    private static double Rate(double at)
    {
        var ofDay = 1 - (0.7 * Math.Cos(2 * Math.PI * at / DaySeconds));
        return ofDay * Popularity(at).Sum();
    }

    // A burst is of one model, another one each time.
    private static double[] Popularity(double at) =>
        at % BurstEvery < BurstSeconds ? Bursts[(int)(at / BurstEvery) % Bursts.Length] : SimulatedMarket.Popularity;

    private static double[] Burst(int model) =>
        [.. SimulatedMarket.Popularity.Select((popularity, other) => other == model ? popularity * BurstFactor : popularity)];
}
