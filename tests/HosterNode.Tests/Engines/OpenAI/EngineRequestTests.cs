using ComputeShare.Contracts.Inference;
using Google.Protobuf;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI;

/// <summary>What a node asks an engine, and what it never does.</summary>
[Trait("Category", "Integration")]
public sealed class EngineRequestTests : EngineTest
{
    [Fact]
    public async Task Generate_AnyRequest_StreamsWithABoundAndOnlyListedFields()
    {
        var request = RunningNode.Chat("""{"messages":[{"role":"user","content":"x"}],"temperature":0.5,"n":1,"top_p":null}""", maxTokens: 9);
        request.Stop.Add("end");

        await Node.GenerateAsync(request);

        var body = Assert.Single(Engine.Bodies);
        Assert.Equal(
            """{"model":"computeshare/tiny","stream":true,"stream_options":{"include_usage":true},"max_tokens":9,"stop":["end"],"messages":[{"role":"user","content":"x"}],"temperature":0.5}""",
            body.GetRawText());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    public async Task Generate_NoBoundOrTooHighOne_IsCappedByTheContext(uint maxTokens)
    {
        await Node.GenerateAsync(RunningNode.Chat(Hello, maxTokens));

        Assert.Equal(1024, Assert.Single(Engine.Bodies).GetProperty("max_tokens").GetInt32());
    }

    [Fact]
    public async Task Generate_AnyRequest_CarriesTheKeyAndNoCallersHeaders()
    {
        using var call = Node.Client.Generate(
            RunningNode.Chat(Hello),
            new Grpc.Core.Metadata { { "x-conversation-id", "1" }, { "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } },
            cancellationToken: TestContext.Current.CancellationToken);
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
        {
        }

        var names = Engine.Headers.Select(header => header.Split(':')[0]).Distinct().Order();
        Assert.Equal(["Accept", "Authorization", "Content-Length", "Content-Type", "Host", "User-Agent"], names);
        Assert.Contains("Authorization: Bearer engine-key", Engine.Headers);
        Assert.All(Engine.Paths, path => Assert.Contains(path, new[] { "/v1/models", "/props", "/slots", "/v1/embeddings", "/v1/chat/completions" }));
    }

    [Fact]
    public async Task Generate_TwoChoices_AreTwoRequestsWithTheirOwnSeeds()
    {
        var request = RunningNode.Chat("""{"messages":[{"role":"user","content":"x"}],"seed":7,"n":2}""", slots: 2);

        var frames = await Node.GenerateAsync(request);

        Assert.Equal([7, 8], Engine.Bodies.Select(body => body.GetProperty("seed").GetInt32()).Order());
        Assert.All(Engine.Bodies, body => Assert.False(body.TryGetProperty("n", out _)));
        Assert.Equal((" ki lo", " ki lo"), (Text(frames, 0), Text(frames, 1)));
        Assert.Equal((25u, 4u), (frames[^1].Finished.Usage.PromptTokens, frames[^1].Finished.Usage.CompletionTokens));
        Assert.Single(frames, frame => frame.Started is not null);
    }

    [Fact]
    public async Task Generate_PromptsAndChoices_AreOneRequestEach()
    {
        var request = RunningNode.Chat("{}", slots: 2);
        request.Completion = new CompletionWork { Body = ByteString.CopyFromUtf8("""{"prompt":["a",[1,2]],"n":1}""") };
        Engine.OnChat = FakeEngine.Streams(
            """{"choices":[{"text":" on","index":0,"finish_reason":"stop","logprobs":{"tokens":[" o","n"],"token_logprobs":[-0.5,-1],"top_logprobs":[{" o":-0.5},null]}}],"usage":{"completion_tokens":2,"prompt_tokens":3}}""",
            FakeEngine.Done);

        var frames = await Node.GenerateAsync(request);

        Assert.Equal(["\"a\"", "[1,2]"], Engine.Bodies.Select(body => body.GetProperty("prompt").GetRawText()).Order(StringComparer.Ordinal));
        Assert.Equal(2, frames[^1].Finished.FinishReasons.Count);
        Assert.Equal((6u, 4u), (frames[^1].Finished.Usage.PromptTokens, frames[^1].Finished.Usage.CompletionTokens));
        Assert.Equal(4, frames.Sum(frame => frame.Delta?.TokenCount ?? 0));
    }

    [Fact]
    public async Task Generate_ToolsFormatsAndImages_ReachTheEngineAsTheyAre()
    {
        const string Body = """
            {"messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"tool_choice":"required","parallel_tool_calls":false,"response_format":{"type":"json_object"}}
            """;

        await Node.GenerateAsync(RunningNode.Chat(Body));

        Assert.EndsWith(Body.Trim()[1..], Assert.Single(Engine.Bodies).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_AnImageBehindALink_NeverReachesTheEngine()
    {
        var failed = Assert.Single(await Node.GenerateAsync(RunningNode.Chat(
            """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://10.0.0.1/x.png"}}]}]}"""))).Failed;

        Assert.Equal((Fault.Request, "messages"), (failed.Fault, failed.Param));
        Assert.Empty(Engine.Bodies);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"id_slot":0}""", "id_slot")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"return_tokens":true}""", "return_tokens")]
    public async Task Generate_AFieldThatIsNotListed_NeverReachesTheEngine(string body, string field)
    {
        var failed = Assert.Single(await Node.GenerateAsync(RunningNode.Chat(body))).Failed;

        Assert.Equal((FailureKind.Unsupported, field), (failed.Kind, failed.Param));
        Assert.Empty(Engine.Bodies);
    }

    [Fact]
    public async Task Generate_MoreThanTheEnginesSlots_AreRefusedByTheNode()
    {
        Engine.OnChat = FakeEngine.Hangs(FakeEngine.Role, FakeEngine.Content(" ki"));
        using var first = Node.Client.Generate(RunningNode.Chat(Hello, slots: 2), cancellationToken: TestContext.Current.CancellationToken);
        await first.ResponseStream.MoveNext(TestContext.Current.CancellationToken);

        var failed = Assert.Single(await Node.GenerateAsync(RunningNode.Chat(Hello))).Failed;

        Assert.Equal(FailureKind.Busy, failed.Kind);
        Assert.True(Engine.Bodies.Count <= 2);
    }
}
