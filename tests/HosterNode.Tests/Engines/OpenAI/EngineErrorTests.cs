using ComputeShare.Contracts.Inference;
using Microsoft.AspNetCore.Http;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI;

/// <summary>What a node makes of an engine's failures.</summary>
[Trait("Category", "Integration")]
public sealed class EngineErrorTests : EngineTest
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

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
        Engine.OnChat = FakeEngine.Streams(FakeEngine.Role, FakeEngine.Content(" ki"), bad);

        var frames = await Node.GenerateAsync(RunningNode.Chat(Hello));

        Assert.Equal(" ki", Text(frames));
        AssertFailed(frames, kind, Fault.Node, retryable: true);
        Assert.DoesNotContain("Tell me", frames[^1].Failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_StreamEndsWithoutDone_IsALostEngine()
    {
        Engine.OnChat = FakeEngine.Streams(FakeEngine.Role, FakeEngine.Content(" ki"), FakeEngine.Length);

        AssertFailed(await Node.GenerateAsync(RunningNode.Chat(Hello)), FailureKind.EngineLost, Fault.Node, retryable: true);
    }

    [Fact]
    public async Task Generate_ConnectionBreaksMidStream_IsALostEngine()
    {
        Engine.OnChat = async context =>
        {
            await FakeEngine.Streams(FakeEngine.Content(" ki"))(context);
            context.Abort();
        };

        AssertFailed(await Node.GenerateAsync(RunningNode.Chat(Hello)), FailureKind.EngineLost, Fault.Node, retryable: true);
    }

    [Fact]
    public async Task Generate_AnEndlessLine_IsCutOff()
    {
        Engine.OnChat = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: ", context.RequestAborted);
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(new byte[64 << 10], context.RequestAborted);
            }
        };

        AssertFailed(await Node.GenerateAsync(RunningNode.Chat(Hello)), FailureKind.EngineError, Fault.Node, retryable: true);
        await Engine.Closed.WaitAsync(Limit, TestContext.Current.CancellationToken);
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
        Engine.OnChat = FakeEngine.Answers(status, json);

        var frames = await Node.GenerateAsync(RunningNode.Chat(Hello));

        AssertFailed(frames, kind, fault, retryable);
        Assert.Single(frames);
        Assert.Single(Engine.Bodies);
    }

    [Theory]
    [InlineData("""{"error":{"message":"bad","param":"tools[0].function","code":400}}""", "tools")]
    [InlineData("""{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","code":400}""", "tool_choice")]
    [InlineData("""{"error":{"message":"the value of temperature is not taken here: Tell me"}}""", "temperature")]
    [InlineData("""{"error":{"message":"nothing that we sent: logit_bias","param":"logit_bias"}}""", "")]
    public async Task Generate_TheEngineRefusesAParameter_IsUnsupportedByItsName(string json, string param)
    {
        Engine.OnChat = FakeEngine.Answers(400, json);

        var failed = Assert.Single(await Node.GenerateAsync(RunningNode.Chat(
            """{"messages":[{"role":"user","content":"x"}],"temperature":1,"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"auto"}"""))).Failed;

        Assert.Equal((FailureKind.Unsupported, param), (failed.Kind, failed.Param));
        Assert.DoesNotContain("Tell me", failed.Message, StringComparison.Ordinal);
    }
}
