namespace ComputeShare.Benchmarks.Simulation;

/// <summary>
/// Requests over some squeezed days: quiet nights, busy noons, and bursts of one model. Many are later turns of a conversation. Made once,
/// so that every strategy is asked the same.
/// </summary>
internal static class SimulatedTraffic
{
    public const double DaySeconds = 400;
    public const int Days = 3;

    private const double BurstSeconds = 15;
    private const double BurstEvery = 95;
    private const double BurstFactor = 1.6;

    // What is said in a turn: a question, and an answer that is long because models think aloud. Thoughts are not sent again.
    private const double TypicalQuestion = 120;
    private const double TypicalAnswer = 2400;
    private const double AnswerSentAgain = 0.3;
    private const double GoesOn = 0.6;

    // Longer than nearly all answers take: nobody goes on before the answer is there.
    private const double SecondsBetweenTurns = 300;
    private const int MostTurns = 12;

    public static SimulatedRequest[] Build(int requests)
    {
        var random = new Random(2);
        var all = new SimulatedRequest[requests];
        var waiting = new Queue<SimulatedRequest>();
        var conversations = 0;
        var at = 0.0;
        var mean = Enumerable.Range(0, (int)(DaySeconds * Days)).Average(second => Rate(second)) * DaySeconds * Days;
        for (var i = 0; i < requests; i++)
        {
            at += -Math.Log(1 - random.NextDouble()) / (Rate(at) * requests / mean);
            var goesOn = waiting.TryPeek(out var last) && last.At + SecondsBetweenTurns < at && random.NextDouble() < GoesOn;
            if (goesOn)
            {
                waiting.Dequeue();
            }

            var answer = Math.Clamp(TypicalAnswer * SimulatedMarket.LogNormal(random, 0.7), 20, 16_000);
            var said = TypicalQuestion * SimulatedMarket.LogNormal(random, 0.8);
            all[i] = goesOn
                ? new(at, last.Model, last.Conversation, last.Turn + 1, (int)(last.PromptTokens + (last.CompletionTokens * AnswerSentAgain) + said), (int)answer)
                : new(at, Model(at, random), conversations++, 1, (int)said, (int)answer);
            if (all[i].Turn < MostTurns)
            {
                waiting.Enqueue(all[i]);
            }
        }

        return all;
    }

    private static double Rate(double at)
    {
        var ofDay = 1 - (0.7 * Math.Cos(2 * Math.PI * at / DaySeconds));
        return InBurst(at) ? ofDay * BurstFactor : ofDay;
    }

    private static bool InBurst(double at) => at % BurstEvery < BurstSeconds;

    // A burst is of one model, another one each time.
    private static int Model(double at, Random random) =>
        InBurst(at) && random.NextDouble() < 1 - (1 / BurstFactor)
            ? (int)(at / BurstEvery) % SimulatedMarket.Popularity.Length
            : SimulatedMarket.Pick(SimulatedMarket.Popularity, random);
}
