using ComputeShare.HosterNode.Engines.BuiltIn.Sampling;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn.Sampling;

public sealed class SamplerTests
{
    private static readonly float[] Logits = [1f, 3f, 2f, 3f, -1f];
    private static readonly int[] All = [0, 1, 2, 3, 4];
    private static readonly SamplingSettings Plain = new(1, 1, 0, 0, 0, 0, new Dictionary<int, float>(), Seed: 11);

    [Fact]
    public void Sample_TemperatureZero_TakesTheLikeliestWithTheLowestId() => Assert.Equal(1, Sample(Plain with { Temperature = 0 }, position: 0));

    [Fact]
    public void Sample_TemperatureZeroWithTokensForbidden_TakesTheLikeliestAllowed() =>
        Assert.Equal(2, new Sampler(Plain with { Temperature = 0 }, 0, 5).Sample(Logits, 0, [0, 2, 4]));

    [Fact]
    public void Sample_SameSeedChoiceAndPosition_PicksTheSame() =>
        Assert.Equal(Draw(Plain, choice: 0), Draw(Plain, choice: 0));

    [Fact]
    public void Sample_AnotherSeedOrChoice_PicksOthers()
    {
        Assert.NotEqual(Draw(Plain, choice: 0), Draw(Plain with { Seed = 12 }, choice: 0));
        Assert.NotEqual(Draw(Plain, choice: 0), Draw(Plain, choice: 1));
    }

    [Fact]
    public void Sample_ManyPositions_FollowsTheProbabilities()
    {
        var drawn = Enumerable.Range(0, 20_000).Select(position => Sample(Plain, position)).CountBy(token => token).ToDictionary();
        var sum = Logits.Sum(logit => Math.Exp(logit));

        Assert.All(drawn, pair => Assert.Equal(Math.Exp(Logits[pair.Key]) / sum, pair.Value / 20_000.0, 0.015));
    }

    [Fact]
    public void Sample_TopK_KeepsThatMany() => Assert.Equal([1, 3], Support(Plain with { TopK = 2 }));

    [Fact]
    public void Sample_TopP_KeepsTheLikeliestThatReachIt() => Assert.Equal([1, 3], Support(Plain with { TopP = 0.6f }));

    [Fact]
    public void Sample_TopPZero_KeepsTheLikeliest() => Assert.Equal([1], Support(Plain with { TopP = 0 }));

    [Fact]
    public void Sample_MinP_DropsTheUnlikely() => Assert.Equal([1, 2, 3], Support(Plain with { MinP = 0.3f }));

    [Fact]
    public void Sample_LogitBias_ForbidsAndForces()
    {
        Assert.DoesNotContain(1, Support(Plain with { LogitBias = new Dictionary<int, float> { [1] = -100 } }));
        Assert.Equal([4], Support(Plain with { LogitBias = new Dictionary<int, float> { [4] = 100 } }));
    }

    [Fact]
    public void Sample_FrequencyPenalty_GrowsWithEachTime()
    {
        var sampler = new Sampler(Plain with { Temperature = 0, FrequencyPenalty = 0.6f }, 0, 5);
        var picked = new List<int>();
        for (var position = 0; position < 6; position++)
        {
            picked.Add(sampler.Sample(Logits, position, All));
            sampler.Accept(picked[^1]);
        }

        Assert.Equal([1, 3, 1, 3, 2, 1], picked);
    }

    [Fact]
    public void Sample_PresencePenalty_CountsOnce()
    {
        var sampler = new Sampler(Plain with { Temperature = 0, PresencePenalty = 0.5f }, 0, 5);
        sampler.Accept(1);
        sampler.Accept(1);
        sampler.Accept(3);

        Assert.Equal(1, sampler.Sample(Logits, 3, All));
    }

    private static int Sample(SamplingSettings settings, int position, int choice = 0) =>
        new Sampler(settings, choice, Logits.Length).Sample(Logits, position, All);

    private static List<int> Draw(SamplingSettings settings, int choice) =>
        Enumerable.Range(0, 40).Select(position => Sample(settings, position, choice)).ToList();

    private static IEnumerable<int> Support(SamplingSettings settings) =>
        Enumerable.Range(0, 500).Select(position => Sample(settings, position)).Distinct().Order();
}
