using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.OpenAI.Discovery;
using ComputeShare.HosterNode.Engines.OpenAI.Profiles;
using Google.Protobuf;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI.Profiles;

/// <summary>What a node makes of each engine's wire shapes.</summary>
[Trait("Category", "Integration")]
public sealed class ProfileTests
{
    private const string Hello = """{"messages":[{"role":"user","content":"Say hello."}]}""";

    public static TheoryData<string> Engines => [.. Recorded.All.Keys];

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Ask_AnEngine_FindsOutWhoItIsAndWhatItServes(string name)
    {
        var recorded = Recorded.All[name];
        await using var engine = await recorded.StartAsync();

        var found = await Probing.AskAsync(engine);

        Assert.Equal((recorded.Name, recorded.Version, recorded.Slots), (found.Description.Engine, found.Description.Version, found.Description.MaxSlots));
        var model = Assert.Single(found.Description.Models);
        Assert.Equal((recorded.Model, recorded.Context), (model.LocalName, model.ContextLength));
        Assert.Equal(recorded.Capabilities.Split(' ').Order(), model.Capabilities.Order());
        Assert.Equal(recorded.Load is { } load ? new EngineLoad(load.Running, load.Waiting) : null, found.Load);
        Assert.Empty(found.WithoutContext);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Generate_AnEnginesStream_GivesItsTextReasonAndUsage(string name)
    {
        var recorded = Recorded.All[name];
        await using var engine = await recorded.StartAsync();
        await using var node = await RunningNode.StartAsync(engine.Setting);

        var frames = await node.GenerateAsync(Chat(recorded));

        var finished = frames[^1].Finished;
        Assert.Equal("Hello there", string.Concat(frames.Select(frame => frame.Delta?.Text)));
        Assert.Equal([FinishReason.Stop], finished.FinishReasons);
        Assert.Equal(recorded.Usage, (finished.Usage.PromptTokens, finished.Usage.CachedTokens, finished.Usage.CompletionTokens));
        Assert.Equal(recorded.TokenIds ?? [], frames.SelectMany(frame => frame.Delta?.TokenIds ?? []));
        if (recorded.TokenIds is { } ids)
        {
            Assert.Equal(ids.Count, frames.Sum(frame => frame.Delta?.TokenCount ?? 0));
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Generate_TheStreamEndsWithoutItsEnd_IsALostEngine(string name)
    {
        // Ollama does no more than this when it fails within a stream.
        var recorded = Recorded.All[name];
        await using var engine = await recorded.StartAsync();
        engine.OnChat = FakeEngine.Streams([.. recorded.Stream.Take(2)]);
        await using var node = await RunningNode.StartAsync(engine.Setting);

        Assert.Equal(FailureKind.EngineLost, (await node.GenerateAsync(Chat(recorded)))[^1].Failed.Kind);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Generate_WhatAnotherNodeBegan_GoesOnOrIsLeftToOthers(string name)
    {
        var recorded = Recorded.All[name];
        await using var engine = await recorded.StartAsync();
        engine.Pages["/tokenize"] = """{"count":1,"tokens":[11]}""";
        await using var node = await RunningNode.StartAsync(engine.Setting);
        var request = Chat(recorded);
        request.Continuation = new Continuation { TokenIds = { 11 }, Text = "Well," };

        var last = (await node.GenerateAsync(request))[^1];

        Assert.Equal(name is "llama.cpp" or "vllm" or "sglang", last.Finished is not null);
        Assert.Equal(recorded.Usage.Prompt - 1, last.Finished?.Usage.PromptTokens ?? recorded.Usage.Prompt - 1);
        Assert.Equal(FailureKind.Unsupported, last.Failed?.Kind ?? FailureKind.Unsupported);
    }

    [Theory]
    [InlineData("vllm", """ "return_token_ids":true,"cache_salt":"c2FsdA==" """)]
    [InlineData("sglang", """ "cache_salt":"c2FsdA==" """)]
    [InlineData("llama.cpp", "")]
    [InlineData("ollama", "")]
    [InlineData("lm-studio", "")]
    [InlineData("tgi", "")]
    [InlineData("openai-compatible", "")]
    public async Task Generate_AnEngineThatSaltsItsCache_GetsTheGatewaysSalt(string name, string extras)
    {
        var recorded = Recorded.All[name];
        await using var engine = await recorded.StartAsync();
        await using var node = await RunningNode.StartAsync(engine.Setting);
        var request = Chat(recorded);
        request.CacheSalt = ByteString.CopyFromUtf8("salt");

        await node.GenerateAsync(request);

        var sent = engine.Bodies.Single(body => body.TryGetProperty("messages", out _)).GetRawText();
        Assert.EndsWith("""[{"role":"user","content":"Say hello."}]""" + (extras.Length == 0 ? "" : ",") + extras.Trim() + "}", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_AnOlderVllm_GetsNeitherSaltNorQuestionForIds()
    {
        await using var engine = await Recorded.Vllm.StartAsync();
        engine.Pages["/version"] = """{"version":"0.9.2"}""";
        await using var node = await RunningNode.StartAsync(engine.Setting);
        var request = Chat(Recorded.Vllm);
        request.CacheSalt = ByteString.CopyFromUtf8("salt");

        await node.GenerateAsync(request);

        Assert.DoesNotContain(engine.Bodies, body => body.TryGetProperty("cache_salt", out _) || body.TryGetProperty("return_token_ids", out _));
    }

    [Fact]
    public async Task Ask_APageThatIsNoListOfModels_IsNoEngine()
    {
        await using var engine = new FakeEngine { Models = """{"error":"Unexpected endpoint or method. (GET /v1/models)"}""" };
        await engine.ServeAsync();

        await Assert.ThrowsAsync<EngineAwayException>(() => Probing.AskAsync(engine));
    }

    private static GenerateRequest Chat(RecordedEngine recorded)
    {
        var request = RunningNode.Chat(Hello);
        request.Model = recorded.Model;
        return request;
    }
}
