using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Tests.Fakes;
using Grpc.Core;

namespace ComputeShare.Gateway.Tests.Probes;

/// <summary>Probes of honest and dishonest nodes through the whole gateway.</summary>
[Trait("Category", "Integration")]
public sealed class ProbeSessionTests(ProbedMarket market) : IClassFixture<ProbedMarket>
{
    private const int Probes = 24;
    private const string Canned = "As a large language model I am happy to help you with that. Please find attached everything that you wanted to know, and more of it.";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Probes_OfAnHonestNode_AreNeverAgainstIt()
    {
        var probes = await market.ProbeAsync(market.Model.ServeAsync, 50);

        Assert.DoesNotContain(probes, IsAgainst);
        Assert.InRange(probes.Count(probe => probe.Compared), probes.Count / 2, probes.Count);
    }

    [Fact]
    public async Task Probes_OfTheModelInAnotherPrecision_DoNotFindIt()
    {
        var probes = await market.ProbeAsync(new WordModel(seed: 1, noise: 0.1).ServeAsync, 50);

        Assert.DoesNotContain(probes, IsAgainst);
        Assert.InRange(probes.Count(probe => probe.Compared), probes.Count / 2, probes.Count);
    }

    [Fact]
    public async Task Probes_OfAnotherModel_Differ()
    {
        var probes = await market.ProbeAsync(new WordModel(seed: 2).ServeAsync, Probes);

        AssertFound(probes, probe => probe.Differs);
    }

    [Fact]
    public async Task Probes_OfCannedAnswers_DifferAndAreRepeated()
    {
        var probes = await market.ProbeAsync((_, frames, _) => FakeNode.Says(frames, Canned), Probes);

        AssertFound(probes, probe => probe.Differs);
        AssertFound(probes, probe => probe.Repeated);
    }

    [Fact]
    public async Task Probes_OfAnswersCopiedFromEarlierQuestions_Differ()
    {
        GenerateRequest? earlier = null;

        var probes = await market.ProbeAsync(
            async (job, frames, stop) =>
            {
                var copied = earlier ?? job;
                earlier = job;
                await market.Model.ServeAsync(copied, frames, stop);
            },
            Probes);

        AssertFound(probes, probe => probe.Differs);
    }

    [Fact]
    public async Task Probes_OfEmptyAnswersWithHighUsage_AreEmpty()
    {
        var probes = await market.ProbeAsync((_, frames, _) => FakeNode.Ends(frames, 500), Probes);

        Assert.All(probes, probe => Assert.True(probe.Empty));
    }

    [Fact]
    public async Task Probes_OfTokensHeldBack_AreHeldBack()
    {
        var probes = await market.ProbeAsync(HoldBackAsync, 3);

        Assert.All(probes, probe => Assert.True(probe.HeldBack));

        async Task HoldBackAsync(GenerateRequest job, IServerStreamWriter<Frame> frames, CancellationToken stop)
        {
            await FakeNode.Tokens(frames, "One", " two");

            // The delay is what is tested: more than the slack, however quick the machine is.
            await Task.Delay(TimeSpan.FromSeconds(0.6), TimeProvider.System, stop);
            await FakeNode.Tokens(frames, " three");
            var finished = new Finished { FinishReasons = { FinishReason.Stop }, Usage = new EngineUsage { CompletionTokens = 3 }, PrefillMs = 1, DecodeMs = 1 };
            await frames.WriteAsync(new Frame { Finished = finished }, stop);
        }
    }

    /// <summary>
    /// It serves the model to whoever asks what was asked before or has come more than twice, and another to everybody else.
    /// </summary>
    [Fact]
    public async Task Probes_OfANodeThatLooksForCanaries_FindIt()
    {
        var other = new WordModel(seed: 2);
        var seen = new ConcurrentDictionary<string, int>();

        var probes = await market.ProbeAsync(
            (job, frames, stop) =>
            {
                var asked = seen.AddOrUpdate(ProbedMarket.PromptOf(job), 1, (_, times) => times + 1);
                var came = seen.AddOrUpdate(job.CacheSalt.ToBase64(), 1, (_, times) => times + 1);
                return asked > 1 || came > 2 ? market.Model.ServeAsync(job, frames, stop) : other.ServeAsync(job, frames, stop);
            },
            60);

        AssertFound(probes, IsAgainst);
    }

    [Fact]
    public async Task Probe_AsANodeSeesIt_IsARequestLikeAny()
    {
        var before = market.Node.Requests.Count;
        await market.ProbeAsync(market.Model.ServeAsync, 6);
        var jobs = market.Node.Requests.Skip(before).ToArray();
        foreach (var probe in jobs)
        {
            // What a client would have had to send for it.
            var body = JsonNode.Parse(probe.Chat.Body.Span)!.AsObject();
            (body["model"], body["stream"]) = ("computeshare/tiny", true);
            if (probe.MaxTokens > 0)
            {
                body["max_tokens"] = probe.MaxTokens;
            }

            var count = market.Node.Requests.Count;
            await market.Market.PostForBodyAsync(body.ToJsonString());
            var like = market.Node.Requests.ElementAt(count);

            Assert.InRange(like.Deadlines.TotalMs, probe.Deadlines.TotalMs - 60_000, probe.Deadlines.TotalMs + 60_000);
            Assert.Equal((like.CacheSalt.Length, like.RequestId.Length), (probe.CacheSalt.Length, probe.RequestId.Length));
            (like.RequestId, like.LeaseId, like.CacheSalt, like.Deadlines.TotalMs) = (probe.RequestId, probe.LeaseId, probe.CacheSalt, probe.Deadlines.TotalMs);
            Assert.Equal(JsonSerializer.Serialize(JsonNode.Parse(like.Chat.Body.Span)), JsonSerializer.Serialize(JsonNode.Parse(probe.Chat.Body.Span)));
            like.Chat.Body = probe.Chat.Body;
            Assert.Equal(like, probe);
        }

        Assert.Equal(jobs.Length, jobs.Select(ProbedMarket.PromptOf).Distinct().Count());
    }

    [Fact]
    public async Task Probe_IsPaidByItsAccountLikeAnyRequest()
    {
        await market.ProbeAsync((_, frames, _) => FakeNode.Says(frames, "One", " two", " three"), 1);

        Settle settle;
        do
        {
            settle = await market.Market.Billing.SettledAsync(Token);
        }
        while (!settle.Shares.Any(share => share is { NodeId: "node-0", CompletionTokens: 3 }));

        Assert.Equal((market.Market.Billing.Record!.AccountId, "key"), (settle.AccountId, settle.Record.KeyId));
        Assert.Single(settle.Shares);
    }

    private static bool IsAgainst(ProbeResult probe) => probe.Differs || probe.Empty || probe.HeldBack || probe.Repeated;

    // More than Billing's tolerance lets pass.
    private static void AssertFound(IReadOnlyList<ProbeResult> probes, Func<ProbeResult, bool> isSo) =>
        Assert.InRange(probes.Count(isSo) * 5, probes.Count + 1, probes.Count * 5);
}
