using System.Net;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.BuiltIn;
using ComputeShare.TestSupport.Processes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI.Discovery;

[Trait("Category", "Integration")]
public sealed class DiscoveryTests
{
    private const string Hello = """{"messages":[{"role":"user","content":"Tell me of the river."}]}""";
    private const string Often = "--Engine:RefreshInterval=00:00:01";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Watch_ALlamaServer_TellsItsModelsContextSlotsAndBuild()
    {
        await using var engine = await FakeEngine.StartAsync();
        await using var node = await RunningNode.StartAsync(engine.Setting + "/v1/");

        var state = await StateAsync(node, _ => true);

        Assert.Equal(("llama.cpp", "b6000-abc", 2u), (state.Engine, state.EngineVersion, state.Slots));
        var model = Assert.Single(state.Models);
        Assert.Equal(("computeshare/tiny", 1024u, "Q4_K_M", ""), (model.LocalName, model.ContextLength, model.Quantization, model.Fingerprint));
        Assert.Null(node.Services.GetService<BuiltInModel>());
    }

    [Fact]
    public async Task Watch_ModelsThatItsOwnerNames_AreOfferedAlone()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Properties = null;
        engine.Models = """{"data":[{"id":"a/b","owned_by":"vllm","max_model_len":4096},{"id":"c/d","owned_by":"vllm","max_model_len":4096}]}""";
        await using var node = await RunningNode.StartAsync(engine.Setting, "--Engine:Models:0=c/d");

        var state = await StateAsync(node, _ => true);

        Assert.Equal(("vllm", "", 4u), (state.Engine, state.EngineVersion, state.Slots));
        Assert.Equal(("c/d", 4096u), (Assert.Single(state.Models).LocalName, state.Models[0].ContextLength));
    }

    [Fact]
    public async Task Watch_ALlamaServerWhoseModelTakesToolsAndImages_OffersThem()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Properties = """{"total_slots":2,"chat_template_caps":{"supports_tools":true,"supports_tool_calls":true},"modalities":{"vision":true,"audio":false}}""";
        await using var node = await RunningNode.StartAsync(engine.Setting);

        var can = (await StateAsync(node, _ => true)).Models[0].Capabilities;

        Assert.Superset(new HashSet<string> { "chat", "tools", "images", "json_schema" }, can.ToHashSet());
        Assert.DoesNotContain("embeddings", can);
        Assert.DoesNotContain("json_object", can);
    }

    [Fact]
    public async Task Watch_AServerStartedForEmbeddings_OffersThemAlone()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Embed = _ => """{"data":[{"index":0,"embedding":[0.1,0.2]}],"usage":{"prompt_tokens":1}}""";
        await using var node = await RunningNode.StartAsync(engine.Setting);

        Assert.Equal(["embeddings"], (await StateAsync(node, _ => true)).Models[0].Capabilities);
    }

    [Fact]
    public async Task Watch_CapabilitiesThatItsOwnerNames_AreOfferedToo()
    {
        await using var engine = await FakeEngine.StartAsync();
        await using var node = await RunningNode.StartAsync(engine.Setting, "--Engine:Capabilities:0=tools", "--Engine:Capabilities:1=chat");

        var can = (await StateAsync(node, _ => true)).Models[0].Capabilities;

        Assert.Single(can, name => name == "chat");
        Assert.Contains("tools", can);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("--Engine:ContextLength=2048", 1)]
    public async Task Watch_AnEngineThatHidesItsContext_OffersOnlyWithTheOption(string setting, int models)
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Properties = null;
        engine.Models = """{"data":[{"id":"a/b","owned_by":"somebody"}]}""";
        await using var node = await RunningNode.StartAsync(setting.Length == 0 ? [engine.Setting] : [engine.Setting, setting, "--Engine:Slots=1"]);

        var state = await StateAsync(node, _ => true);

        Assert.Equal(models, state.Models.Count);
        Assert.All(state.Models, model => Assert.Equal((2048u, 1u), (model.ContextLength, state.Slots)));
    }

    [Fact]
    public async Task Watch_EngineGoesAwayAndComesBack_TheOfferDoesToo()
    {
        await using var engine = await FakeEngine.StartAsync();
        await using var node = await RunningNode.StartAsync(engine.Setting, Often);
        using var watch = node.Client.Watch(new WatchRequest(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Single((await NextAsync(watch, _ => true)).Models);

        await engine.GoAwayAsync();
        await NextAsync(watch, state => state.Models.Count == 0);
        var failed = Assert.Single(await node.GenerateAsync(RunningNode.Chat(Hello))).Failed;
        await engine.ServeAsync();
        await NextAsync(watch, state => state.Models.Count == 1);
        var frames = await node.GenerateAsync(RunningNode.Chat(Hello));

        Assert.Equal((FailureKind.EngineLost, Fault.Node, true), (failed.Kind, failed.Fault, failed.Retryable));
        Assert.NotNull(frames[^1].Finished);
    }

    [Fact]
    public async Task Health_FollowsWhetherTheEngineAnswers()
    {
        await using var engine = await FakeEngine.StartAsync();
        await using var node = await RunningNode.StartAsync(engine.Setting, Often);
        using var http = new HttpClient { BaseAddress = node.HealthAddress };
        Assert.Equal(HttpStatusCode.OK, await HealthAsync("/health"));

        await engine.GoAwayAsync();
        await Poll.UntilAsync("it is not ready", async () => await HealthAsync("/health") == HttpStatusCode.ServiceUnavailable, Limit, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, await HealthAsync("/alive"));

        await engine.ServeAsync();
        await Poll.UntilAsync("it is ready", async () => await HealthAsync("/health") == HttpStatusCode.OK, Limit, TestContext.Current.CancellationToken);

        async Task<HttpStatusCode> HealthAsync(string path)
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Generate_TheEngineIsGoneAndNobodyKnowsYet_IsALostEngineAndIsAskedAgainAtOnce()
    {
        await using var engine = await FakeEngine.StartAsync();
        await using var node = await RunningNode.StartAsync(engine.Setting, "--Engine:RefreshInterval=00:05:00");
        using var watch = node.Client.Watch(new WatchRequest(), cancellationToken: TestContext.Current.CancellationToken);
        await NextAsync(watch, state => state.Models.Count == 1);
        await engine.GoAwayAsync();

        var failed = Assert.Single(await node.GenerateAsync(RunningNode.Chat(Hello))).Failed;

        Assert.Equal((FailureKind.EngineLost, Fault.Node, true), (failed.Kind, failed.Fault, failed.Retryable));
        await NextAsync(watch, state => state.Models.Count == 0);
    }

    [Fact]
    public async Task Watch_TheEngineStartsAfterTheNode_IsFound()
    {
        await using var engine = new FakeEngine();
        await using var node = await RunningNode.StartAsync(engine.Setting, Often);
        using var watch = node.Client.Watch(new WatchRequest(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Empty((await NextAsync(watch, _ => true)).Models);

        await engine.ServeAsync();

        await NextAsync(watch, state => state.Models.Count == 1);
    }

    [Theory]
    [InlineData("--Engine:Url=localhost:8080", "Engine:Url")]
    [InlineData("--Engine:Url=http://user:secret@localhost", "Engine:Url")]
    [InlineData("--Engine:Slots=0", "Engine:Slots")]
    [InlineData("--Engine:ContextLength=1", "Engine:ContextLength")]
    [InlineData("--Engine:Capabilities:0=mind_reading", "Engine:Capabilities")]
    [InlineData("--Engine:RefreshInterval=00:00:00.1", "Engine:RefreshInterval")]
    [InlineData("--Engine:ApiKey=two words", "Engine:ApiKey")]
    public async Task Start_AWrongOption_NamesItsKey(string setting, string key)
    {
        await using var node = new RunningNode("--Engine:Url=http://127.0.0.1:1", setting);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(async () => await node.InitializeAsync());

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    private static async Task<NodeState> StateAsync(RunningNode node, Func<NodeState, bool> matches)
    {
        using var watch = node.Client.Watch(new WatchRequest(), cancellationToken: TestContext.Current.CancellationToken);
        return await NextAsync(watch, matches);
    }

    private static async Task<NodeState> NextAsync(AsyncServerStreamingCall<NodeState> watch, Func<NodeState, bool> matches)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        do
        {
            Assert.True(await watch.ResponseStream.MoveNext(limit.Token));
        }
        while (!matches(watch.ResponseStream.Current));

        return watch.ResponseStream.Current;
    }
}
