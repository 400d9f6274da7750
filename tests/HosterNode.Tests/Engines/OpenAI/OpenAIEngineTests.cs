using System.Text.Json;
using ComputeShare.Contracts.Inference;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI;

[Trait("Category", "Integration")]
public sealed class OpenAIEngineTests : IAsyncLifetime
{
    private const string Hello = """{"messages":[{"role":"user","content":"Tell me of the river."}],"temperature":0.5}""";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private FakeEngine _engine = null!;
    private RunningNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _engine = await FakeEngine.StartAsync();
        _node = await RunningNode.StartAsync(_engine.Setting, "--Engine:ApiKey=engine-key");
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task Generate_LlamaServersStream_GivesDeltasReasonAndUsage()
    {
        var frames = await _node.GenerateAsync(RunningNode.Chat(Hello));

        Assert.NotNull(frames[0].Started);
        Assert.Equal(" ki lo", Text(frames));
        Assert.Equal(2, frames.Sum(frame => frame.Delta?.TokenCount ?? 0));
        var finished = frames[^1].Finished;
        Assert.Equal([FinishReason.Length], finished.FinishReasons);
        Assert.Equal((25u, 5u, 2u), (finished.Usage.PromptTokens, finished.Usage.CachedTokens, finished.Usage.CompletionTokens));
    }

    [Fact]
    public async Task Generate_AnyRequest_StreamsWithABoundAndOnlyListedFields()
    {
        var request = RunningNode.Chat("""{"messages":[{"role":"user","content":"x"}],"temperature":0.5,"n":1,"top_p":null}""", maxTokens: 9);
        request.Stop.Add("end");

        await _node.GenerateAsync(request);

        var body = Assert.Single(_engine.Bodies);
        Assert.Equal(
            """{"model":"computeshare/tiny","stream":true,"stream_options":{"include_usage":true},"max_tokens":9,"stop":["end"],"messages":[{"role":"user","content":"x"}],"temperature":0.5}""",
            body.GetRawText());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    public async Task Generate_NoBoundOrTooHighOne_IsCappedByTheContext(uint maxTokens)
    {
        await _node.GenerateAsync(RunningNode.Chat(Hello, maxTokens));

        Assert.Equal(1024, Assert.Single(_engine.Bodies).GetProperty("max_tokens").GetInt32());
    }

    [Fact]
    public async Task Generate_AnyRequest_CarriesTheKeyAndNoCallersHeaders()
    {
        using var call = _node.Client.Generate(
            RunningNode.Chat(Hello),
            new Grpc.Core.Metadata { { "x-conversation-id", "1" }, { "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } },
            cancellationToken: TestContext.Current.CancellationToken);
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
        {
        }

        var names = _engine.Headers.Select(header => header.Split(':')[0]).Distinct().Order();
        Assert.Equal(["Accept", "Authorization", "Content-Length", "Content-Type", "Host", "User-Agent"], names);
        Assert.Contains("Authorization: Bearer engine-key", _engine.Headers);
        Assert.All(_engine.Paths, path => Assert.Contains(path, new[] { "/v1/models", "/props", "/v1/embeddings", "/v1/chat/completions" }));
    }

    [Fact]
    public async Task Generate_TwoChoices_AreTwoRequestsWithTheirOwnSeeds()
    {
        var request = RunningNode.Chat("""{"messages":[{"role":"user","content":"x"}],"seed":7,"n":2}""", slots: 2);

        var frames = await _node.GenerateAsync(request);

        Assert.Equal([7, 8], _engine.Bodies.Select(body => body.GetProperty("seed").GetInt32()).Order());
        Assert.All(_engine.Bodies, body => Assert.False(body.TryGetProperty("n", out _)));
        Assert.Equal((" ki lo", " ki lo"), (Text(frames, 0), Text(frames, 1)));
        Assert.Equal((25u, 4u), (frames[^1].Finished.Usage.PromptTokens, frames[^1].Finished.Usage.CompletionTokens));
        Assert.Single(frames, frame => frame.Started is not null);
    }

    [Fact]
    public async Task Generate_ACompletion_ReadsTextAndTheUsageOfTheLastChoice()
    {
        _engine.OnChat = FakeEngine.Streams(
            """{"choices":[{"text":" on","index":0,"finish_reason":null}]}""",
            """{"choices":[{"text":"","index":0,"finish_reason":"stop"}],"usage":{"completion_tokens":1,"prompt_tokens":3}}""",
            FakeEngine.Done);
        var request = RunningNode.Chat(Hello);
        request.Completion = new CompletionWork { Body = ByteString.CopyFromUtf8("""{"prompt":"The river"}""") };

        var frames = await _node.GenerateAsync(request);

        Assert.Equal((" on", 3u), (Text(frames), frames[^1].Finished.Usage.PromptTokens));
        Assert.Contains("/v1/completions", _engine.Paths);
    }

    [Fact]
    public async Task Generate_LogprobsAsked_ArePassedOnWithIdsAndCountTheTokens()
    {
        const string Two = """
            {"choices":[{"index":0,"delta":{"content":"né"},"logprobs":{"content":[{"id":110,"token":"n","bytes":[110],"logprob":-0.5,"top_logprobs":[{"id":110,"token":"n","bytes":[110],"logprob":-0.5}]},{"id":9,"token":"é","bytes":[195,169],"logprob":-1.5,"top_logprobs":[]}]}}]}
            """;
        _engine.OnChat = FakeEngine.Streams(Two.Trim(), FakeEngine.Length, FakeEngine.Done);

        var frames = await _node.GenerateAsync(RunningNode.Chat("""{"messages":[{"role":"user","content":"x"}],"logprobs":true,"top_logprobs":1}"""));

        var delta = Assert.Single(frames, frame => frame.Delta is not null).Delta;
        Assert.Equal((2u, "né"), (delta.TokenCount, delta.Text));
        Assert.Equal([110u, 9u], delta.TokenIds);
        Assert.Equal([-0.5f, -1.5f], delta.Logprobs.Select(entry => entry.Logprob));
        Assert.Equal("n", Assert.Single(delta.Logprobs[0].Top).Token);
    }

    [Fact]
    public async Task Generate_ReasoningAndToolCalls_AreMapped()
    {
        _engine.OnChat = FakeEngine.Streams(
            """{"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"look","arguments":"{\"a\":"}}]}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"finish_reason":"tool_calls"}]}""",
            FakeEngine.Done);

        var frames = await _node.GenerateAsync(RunningNode.Chat(Hello));

        var calls = frames.SelectMany(frame => frame.Delta?.ToolCalls ?? []).ToArray();
        Assert.Equal("hm", string.Concat(frames.Select(frame => frame.Delta?.Reasoning)));
        Assert.Equal(("call_1", "look", "{\"a\":1}"), (calls[0].Id, calls[0].Name, string.Concat(calls.Select(call => call.Arguments))));
        Assert.Equal([FinishReason.ToolCalls], frames[^1].Finished.FinishReasons);
    }

    [Theory]
    [InlineData("""{"error":{"code":500,"message":"The model produced output that does not match Tell me","type":"server_error"}}""", FailureKind.EngineError)]
    [InlineData("""{"error":"out of memory"}""", FailureKind.EngineError)]
    [InlineData("""{"choices":[""", FailureKind.EngineError)]
    [InlineData("""[]""", FailureKind.EngineError)]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":7}}]}""", FailureKind.EngineError)]
    [InlineData("""{"choices":[{"index":3,"delta":{"content":"x"}}]}""", FailureKind.EngineError)]
    [InlineData("""{"choices":[{"index":0,"delta":{},"finish_reason":"tired"}]}""", FailureKind.EngineError)]
    [InlineData("[DONE]", FailureKind.EngineError)]
    public async Task Generate_AnEventThatIsNone_IsTheNodesFaultAfterWhatCame(string bad, FailureKind kind)
    {
        _engine.OnChat = FakeEngine.Streams(FakeEngine.Role, FakeEngine.Content(" ki"), bad);

        var frames = await _node.GenerateAsync(RunningNode.Chat(Hello));

        Assert.Equal(" ki", Text(frames));
        AssertFailed(frames, kind, Fault.Node, retryable: true);
        Assert.DoesNotContain("Tell me", frames[^1].Failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_StreamEndsWithoutDone_IsALostEngine()
    {
        _engine.OnChat = FakeEngine.Streams(FakeEngine.Role, FakeEngine.Content(" ki"), FakeEngine.Length);

        AssertFailed(await _node.GenerateAsync(RunningNode.Chat(Hello)), FailureKind.EngineLost, Fault.Node, retryable: true);
    }

    [Fact]
    public async Task Generate_ConnectionBreaksMidStream_IsALostEngine()
    {
        _engine.OnChat = async context =>
        {
            await FakeEngine.Streams(FakeEngine.Content(" ki"))(context);
            context.Abort();
        };

        AssertFailed(await _node.GenerateAsync(RunningNode.Chat(Hello)), FailureKind.EngineLost, Fault.Node, retryable: true);
    }

    [Fact]
    public async Task Generate_AnEndlessLine_IsCutOff()
    {
        _engine.OnChat = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: ", context.RequestAborted);
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(new byte[64 << 10], context.RequestAborted);
            }
        };

        AssertFailed(await _node.GenerateAsync(RunningNode.Chat(Hello)), FailureKind.EngineError, Fault.Node, retryable: true);
        await _engine.Closed.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(400, """{"error":{"code":400,"message":"request (16017 tokens) exceeds the available context size (1024 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":16017,"n_ctx":1024}}""", FailureKind.Overflow, Fault.Request, false)]
    [InlineData(400, """{"error":{"message":"too long","code":"context_length_exceeded"}}""", FailureKind.Overflow, Fault.Request, false)]
    [InlineData(400, """{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","code":400}""", FailureKind.Overflow, Fault.Request, false)]
    [InlineData(400, """{"error":{"code":400,"message":"bad","type":"invalid_request_error","param":"logit_bias"}}""", FailureKind.Unsupported, Fault.Request, true)]
    [InlineData(501, """{"error":{"code":501,"message":"not supported","type":"not_supported_error"}}""", FailureKind.Unsupported, Fault.Request, true)]
    [InlineData(500, """{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}""", FailureKind.Unsupported, Fault.Request, true)]
    [InlineData(401, """{"error":{"message":"Invalid API Key","code":401}}""", FailureKind.EngineError, Fault.Node, true)]
    [InlineData(404, "", FailureKind.EngineError, Fault.Node, true)]
    [InlineData(500, "oops", FailureKind.EngineError, Fault.Node, true)]
    [InlineData(302, "", FailureKind.EngineError, Fault.Node, true)]
    [InlineData(503, """{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}""", FailureKind.Busy, Fault.Nobody, true)]
    [InlineData(200, """{"choices":[]}""", FailureKind.EngineError, Fault.Node, true)]
    public async Task Generate_AnAnswerThatIsNoStream_SaysWhoseFaultItIs(int status, string json, FailureKind kind, Fault fault, bool retryable)
    {
        _engine.OnChat = FakeEngine.Answers(status, json);

        var frames = await _node.GenerateAsync(RunningNode.Chat(Hello));

        AssertFailed(frames, kind, fault, retryable);
        Assert.Single(frames);
        Assert.Single(_engine.Bodies);
    }

    [Theory]
    [InlineData("""{"error":{"message":"bad","param":"tools[0].function","code":400}}""", "tools")]
    [InlineData("""{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","code":400}""", "tool_choice")]
    [InlineData("""{"error":{"message":"the value of temperature is not taken here: Tell me"}}""", "temperature")]
    [InlineData("""{"error":{"message":"nothing that we sent: logit_bias","param":"logit_bias"}}""", "")]
    public async Task Generate_TheEngineRefusesAParameter_IsUnsupportedByItsName(string json, string param)
    {
        _engine.OnChat = FakeEngine.Answers(400, json);

        var failed = Assert.Single(await _node.GenerateAsync(RunningNode.Chat(
            """{"messages":[{"role":"user","content":"x"}],"temperature":1,"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"auto"}"""))).Failed;

        Assert.Equal((FailureKind.Unsupported, param), (failed.Kind, failed.Param));
        Assert.DoesNotContain("Tell me", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_ToolsFormatsAndImages_ReachTheEngineAsTheyAre()
    {
        const string Body = """
            {"messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"tool_choice":"required","parallel_tool_calls":false,"response_format":{"type":"json_object"}}
            """;

        await _node.GenerateAsync(RunningNode.Chat(Body));

        Assert.EndsWith(Body.Trim()[1..], Assert.Single(_engine.Bodies).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_AnImageBehindALink_NeverReachesTheEngine()
    {
        var failed = Assert.Single(await _node.GenerateAsync(RunningNode.Chat(
            """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://10.0.0.1/x.png"}}]}]}"""))).Failed;

        Assert.Equal((Fault.Request, "messages"), (failed.Fault, failed.Param));
        Assert.Empty(_engine.Bodies);
    }

    [Fact]
    public async Task Generate_PromptsAndChoices_AreOneRequestEach()
    {
        var request = RunningNode.Chat("{}", slots: 2);
        request.Completion = new CompletionWork { Body = ByteString.CopyFromUtf8("""{"prompt":["a",[1,2]],"n":1}""") };
        _engine.OnChat = FakeEngine.Streams(
            """{"choices":[{"text":" on","index":0,"finish_reason":"stop","logprobs":{"tokens":[" o","n"],"token_logprobs":[-0.5,-1],"top_logprobs":[{" o":-0.5},null]}}],"usage":{"completion_tokens":2,"prompt_tokens":3}}""",
            FakeEngine.Done);

        var frames = await _node.GenerateAsync(request);

        Assert.Equal(["\"a\"", "[1,2]"], _engine.Bodies.Select(body => body.GetProperty("prompt").GetRawText()).Order(StringComparer.Ordinal));
        Assert.Equal(2, frames[^1].Finished.FinishReasons.Count);
        Assert.Equal((6u, 4u), (frames[^1].Finished.Usage.PromptTokens, frames[^1].Finished.Usage.CompletionTokens));
        Assert.Equal(4, frames.Sum(frame => frame.Delta?.TokenCount ?? 0));
    }

    [Fact]
    public async Task Generate_Embeddings_AreAskedInPartsAndComeInOrder()
    {
        _engine.Embed = Vectors;
        var request = RunningNode.Chat("{}");
        request.Embedding = new EmbeddingWork { Body = ByteString.CopyFromUtf8($$"""{"input":[{{string.Join(',', Enumerable.Range(0, 20).Select(number => $"\"{number}\""))}}],"dimensions":2}""") };

        var frames = await _node.GenerateAsync(request);

        Assert.Equal(Enumerable.Range(0, 20).Select(number => (float)number), frames.Where(frame => frame.Delta is not null).OrderBy(frame => frame.Delta.ChoiceIndex).Select(frame => frame.Delta.Embedding[0]));
        Assert.Equal(20u, frames[^1].Finished.Usage.PromptTokens);
        // Beside them there may be the node's own question.
        var asked = _engine.Bodies.Where(body => body.TryGetProperty("dimensions", out _));
        Assert.Equal([16, 4], asked.Select(body => body.GetProperty("input").GetArrayLength()));
    }

    [Theory]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{"data":[{"index":3,"embedding":[1]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":["x"]}]}""")]
    [InlineData("""[]""")]
    public async Task Generate_EmbeddingsThatAreNone_AreTheNodesFault(string answer)
    {
        _engine.Embed = _ => answer;
        var request = RunningNode.Chat("{}");
        request.Embedding = new EmbeddingWork { Body = ByteString.CopyFromUtf8("""{"input":["x"]}""") };

        AssertFailed(await _node.GenerateAsync(request), FailureKind.EngineError, Fault.Node, retryable: true);
    }

    [Fact]
    public async Task Generate_ToolCallsThatEndWithStop_EndWithToolCalls()
    {
        _engine.OnChat = FakeEngine.Streams(
            """{"choices":[{"index":0,"delta":{"role":"assistant","content":"","tool_calls":[{"id":"call_7","index":0,"type":"function","function":{"name":"look","arguments":"{\"a\":1}"}}]},"finish_reason":null}]}""",
            """{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}]}""",
            FakeEngine.Done);

        var frames = await _node.GenerateAsync(RunningNode.Chat(Hello));

        Assert.Equal([FinishReason.ToolCalls], frames[^1].Finished.FinishReasons);
        Assert.Equal("look", frames.SelectMany(frame => frame.Delta?.ToolCalls ?? []).Single().Name);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"id_slot":0}""", "id_slot")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"return_tokens":true}""", "return_tokens")]
    public async Task Generate_AFieldThatIsNotListed_NeverReachesTheEngine(string body, string field)
    {
        var failed = Assert.Single(await _node.GenerateAsync(RunningNode.Chat(body))).Failed;

        Assert.Equal((FailureKind.Unsupported, field), (failed.Kind, failed.Param));
        Assert.Empty(_engine.Bodies);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Generate_CallCancelled_ClosesTheEnginesConnectionWithinASecond(bool afterContent)
    {
        _engine.OnChat = FakeEngine.Hangs(afterContent ? [FakeEngine.Role, FakeEngine.Content(" ki")] : [FakeEngine.Role]);
        using var call = _node.Client.Generate(RunningNode.Chat(Hello), cancellationToken: TestContext.Current.CancellationToken);
        await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken);

        call.Dispose();

        await _engine.Closed.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Generate_BeforeTheEnginesHeaders_CancelClosesTheConnectionWithinASecond()
    {
        var arrived = new TaskCompletionSource();
        _engine.OnChat = async context =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };
        using var call = _node.Client.Generate(RunningNode.Chat(Hello), cancellationToken: TestContext.Current.CancellationToken);
        await arrived.Task.WaitAsync(TestContext.Current.CancellationToken);

        call.Dispose();

        await _engine.Closed.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Generate_TheEngineStalls_TheDeadlineEndsItsRequest()
    {
        _engine.OnChat = FakeEngine.Hangs(FakeEngine.Role, FakeEngine.Content(" ki"));
        var request = RunningNode.Chat(Hello);
        request.Deadlines = new Deadlines { BetweenTokensMs = 100 };

        AssertFailed(await _node.GenerateAsync(request), FailureKind.Deadline, Fault.Node, retryable: true);
        await _engine.Closed.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Generate_MoreThanTheEnginesSlots_AreRefusedByTheNode()
    {
        _engine.OnChat = FakeEngine.Hangs(FakeEngine.Role, FakeEngine.Content(" ki"));
        using var first = _node.Client.Generate(RunningNode.Chat(Hello, slots: 2), cancellationToken: TestContext.Current.CancellationToken);
        await first.ResponseStream.MoveNext(TestContext.Current.CancellationToken);

        var failed = Assert.Single(await _node.GenerateAsync(RunningNode.Chat(Hello))).Failed;

        Assert.Equal(FailureKind.Busy, failed.Kind);
        Assert.True(_engine.Bodies.Count <= 2);
    }

    /// <summary>A vector of each input's number, the last one first.</summary>
    private static string Vectors(JsonElement body)
    {
        var inputs = body.GetProperty("input").EnumerateArray().Select(input => input.GetString()).ToArray();
        var vectors = inputs.Select((number, index) => $$"""{"index":{{index}},"embedding":[{{number}},0.5]}""").Reverse();
        return $$"""{"data":[{{string.Join(',', vectors)}}],"usage":{"prompt_tokens":{{inputs.Length}} } }""";
    }

    private static string Text(IEnumerable<Frame> frames, int choice = 0) =>
        string.Concat(frames.Where(frame => frame.Delta?.ChoiceIndex == choice).Select(frame => frame.Delta.Text));

    private static void AssertFailed(List<Frame> frames, FailureKind kind, Fault fault, bool retryable) =>
        Assert.Equal((kind, fault, retryable), (frames[^1].Failed?.Kind, frames[^1].Failed?.Fault, frames[^1].Failed?.Retryable));
}
