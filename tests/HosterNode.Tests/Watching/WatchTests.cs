using System.Net;
using ComputeShare.Contracts.Inference;
using Grpc.Core;

namespace ComputeShare.HosterNode.Tests.Watching;

[Trait("Category", "Integration")]
public sealed class WatchTests
{
    private const string Hello = """{"messages":[{"role":"user","content":"Tell me of the river."}],"seed":7,"min_tokens":1000}""";

    [Fact]
    public async Task Watch_AtOnce_GivesTheCompleteState()
    {
        await using var node = await RunningNode.StartAsync();
        using var watch = node.Client.Watch(new WatchRequest { Gateway = "test" }, cancellationToken: TestContext.Current.CancellationToken);

        var state = await NextAsync(watch);

        Assert.Equal(("node-1", 4u, 1ul, false), (state.NodeId, state.Slots, state.Sequence, state.Draining));
        Assert.Equal(32, state.Incarnation.Length);
        var model = Assert.Single(state.Models);
        Assert.Equal(("computeshare/tiny", 1024u, "F16"), (model.LocalName, model.ContextLength, model.Quantization));
        Assert.Equal((50_000_000, 5_000_000, 200_000_000), (model.Prices.Input, model.Prices.CachedInput, model.Prices.Output));
        Assert.Contains("chat", model.Capabilities);
        Assert.Equal("built-in", state.Engine);
    }

    [Fact]
    public async Task Watch_AModelWithPricesOfItsOwn_HasThemAndNoneSetAhead()
    {
        await using var node = await RunningNode.StartAsync(
            "--Node:ModelPrices:0:Model=computeshare/tiny", "--Node:ModelPrices:0:Output=7", "--Node:LaterPrices:0:From=2099-01-01T00:00:00Z");
        using var watch = node.Client.Watch(new WatchRequest(), cancellationToken: TestContext.Current.CancellationToken);

        var model = Assert.Single((await NextAsync(watch)).Models);

        Assert.Equal((0, 0, 7), (model.Prices.Input, model.Prices.CachedInput, model.Prices.Output));
        Assert.Empty(model.LaterPrices);
    }

    [Fact]
    public async Task Watch_ARequestRunsAndEnds_TellsOfItsLease()
    {
        await using var node = await RunningNode.StartAsync("--Engine:BuiltIn:TokensPerSecond=5");
        using var watch = node.Client.Watch(new WatchRequest(), cancellationToken: TestContext.Current.CancellationToken);
        var before = await NextAsync(watch);
        var request = RunningNode.Chat(Hello, maxTokens: 4);

        var frames = node.GenerateAsync(request);
        var running = await NextAsync(watch);
        await frames;
        var after = await NextAsync(watch);

        Assert.Empty(before.RunningLeaseIds);
        Assert.Equal([request.LeaseId], running.RunningLeaseIds);
        Assert.Empty(after.RunningLeaseIds);
        Assert.True(before.Sequence < running.Sequence && running.Sequence < after.Sequence);
        Assert.Equal(before.Incarnation, after.Incarnation);
    }

    [Fact]
    public async Task Watch_TwoWatchers_NeverShareASequence()
    {
        await using var node = await RunningNode.StartAsync();
        using var first = node.Client.Watch(new WatchRequest(), cancellationToken: TestContext.Current.CancellationToken);
        using var second = node.Client.Watch(new WatchRequest(), cancellationToken: TestContext.Current.CancellationToken);

        Assert.NotEqual((await NextAsync(first)).Sequence, (await NextAsync(second)).Sequence);
    }

    [Fact]
    public async Task Stop_ARequestRuns_DrainsRefusesAndFinishesIt()
    {
        await using var node = await RunningNode.StartAsync("--Engine:BuiltIn:TokensPerSecond=10");
        using var watch = node.Client.Watch(new WatchRequest(), cancellationToken: TestContext.Current.CancellationToken);
        await NextAsync(watch);
        var frames = node.GenerateAsync(RunningNode.Chat(Hello, maxTokens: 20));
        await NextAsync(watch);

        var stop = node.StopAsync();

        var draining = await NextAsync(watch);
        Assert.True(draining.Draining);
        Assert.Single(draining.RunningLeaseIds);
        Assert.NotNull((await frames)[^1].Finished);
        Assert.Empty((await NextAsync(watch)).RunningLeaseIds);
        Assert.False(await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        await stop;
    }

    [Fact]
    public async Task Stop_ARequestOutlastsTheDrainTimeout_IsCut()
    {
        await using var node = await RunningNode.StartAsync("--Engine:BuiltIn:TokensPerSecond=2", "--Node:DrainTimeout=00:00:00.3");
        using var call = node.Client.Generate(RunningNode.Chat(Hello, maxTokens: 900), cancellationToken: TestContext.Current.CancellationToken);
        await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken);

        await node.StopAsync().WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
            {
            }
        });
    }

    [Fact]
    public async Task Health_OnItsPort_AnswersWithoutAToken()
    {
        await using var node = await RunningNode.StartAsync();
        using var http = new HttpClient();

        using var answer = await http.GetAsync(new Uri(node.HealthAddress, "/health"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<NodeState> NextAsync(AsyncServerStreamingCall<NodeState> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        return watch.ResponseStream.Current;
    }
}
