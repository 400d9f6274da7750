using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Tests.Engines.OpenAI;
using Grpc.Core;

namespace ComputeShare.HosterNode.Tests.Owner;

/// <summary>A node before an engine that its owner uses too.</summary>
[Trait("Category", "Integration")]
public sealed class OwnerFirstNodeTests
{
    private const string Slots = "/slots";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task State_TheOwnerWorksWithTheEngine_OffersFewerSlotsUntilItIsOver()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Pages[Slots] = """[{"id":0,"is_processing":true},{"id":1,"is_processing":false}]""";
        await using var node = await RunningNode.StartAsync(engine.Setting, "--Engine:RefreshInterval=00:00:01");
        using var watch = node.Client.Watch(new WatchRequest(), cancellationToken: Token);

        await SlotsAsync(watch, 1);
        engine.Pages[Slots] = """[{"id":0,"is_processing":false},{"id":1,"is_processing":false}]""";
        await SlotsAsync(watch, 2);
    }

    // An idle node tells its state every five seconds.
    [Fact]
    [Trait("Length", "Long")]
    public async Task State_TheMarketsOwnRequestRuns_OffersAll()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.OnChat = async context =>
        {
            // From the request's first token to its end the engine counts it, in more readings than the node wants to see.
            engine.Pages[Slots] = """[{"id":0,"is_processing":true},{"id":1,"is_processing":false}]""";
            await FakeEngine.Hangs(FakeEngine.Role, FakeEngine.Content("ki"))(context);
        };
        await using var node = await RunningNode.StartAsync(engine.Setting, "--Engine:RefreshInterval=00:00:01");
        using var call = node.Client.Generate(RunningNode.Chat("""{"messages":[{"role":"user","content":"Hello"}]}"""), cancellationToken: Token);
        Assert.True(await call.ResponseStream.MoveNext(Token));
        using var watch = node.Client.Watch(new WatchRequest(), cancellationToken: Token);

        var asked = Asked(engine);
        while (Asked(engine) < asked + 3)
        {
            Assert.True(await watch.ResponseStream.MoveNext(Token));
            Assert.Equal(2u, watch.ResponseStream.Current.Slots);
        }
    }

    private static int Asked(FakeEngine engine) => engine.Paths.Count(path => path == Slots);

    private static async Task SlotsAsync(AsyncServerStreamingCall<NodeState> watch, uint slots)
    {
        do
        {
            Assert.True(await watch.ResponseStream.MoveNext(Token));
        }
        while (watch.ResponseStream.Current.Slots != slots);
    }
}
