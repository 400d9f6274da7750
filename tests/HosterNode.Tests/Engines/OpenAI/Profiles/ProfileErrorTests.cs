using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI.Profiles;

/// <summary>What a node makes of each engine's ways to refuse and to fail.</summary>
[Trait("Category", "Integration")]
public sealed class ProfileErrorTests : EngineTest
{
    [Theory]
    [InlineData("vLLM", """{"error":{"message":"This model's maximum context length is 32768 tokens. However, you requested 40000 tokens (39000 in the messages, 1000 in the completion). Please reduce the length of the messages or completion.","type":"BadRequestError","param":null,"code":400}}""", 400)]
    [InlineData("vLLM before 0.10", """{"object":"error","message":"'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum context length is 4096 tokens and your request has 30 input tokens.","type":"BadRequestError","param":null,"code":400}""", 400)]
    [InlineData("SGLang", """{"object":"error","message":"The input (40000 tokens) is longer than the model's context length (32768 tokens).","type":"BadRequestError","param":null,"code":400}""", 400)]
    [InlineData("Ollama without shifting", """{"error":{"message":"the prompt is longer than the context length currently available to the model; shorten the prompt","type":"invalid_request_error","param":null,"code":null}}""", 400)]
    [InlineData("LM Studio", """{"error":"Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough."}""", 400)]
    [InlineData("TGI", """{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 100 `max_new_tokens`","error_type":"validation"}""", 422)]
    [InlineData("TGI's prompt", """{"error":"Input validation error: `inputs` must have less than 4095 tokens. Given: 5000","error_type":"validation"}""", 422)]
    public async Task Generate_ThePromptDoesNotFit_IsAnOverflow(string engine, string json, int status)
    {
        Engine.OnChat = FakeEngine.Answers(status, json);

        var frames = await Node.GenerateAsync(RunningNode.Chat(Hello));

        Assert.NotEmpty(engine);
        AssertFailed(frames, FailureKind.Overflow, Fault.Request, retryable: false);
    }

    [Theory]
    [InlineData("llama-server", """{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}""", 503)]
    [InlineData("Ollama", """{"error":{"message":"server busy, please try again.  maximum pending requests exceeded","type":"api_error","param":null,"code":null}}""", 503)]
    [InlineData("SGLang", """{"object":"error","message":"The request queue is full.","type":"SERVICE_UNAVAILABLE","param":null,"code":503}""", 503)]
    [InlineData("TGI", """{"error":"Model is overloaded","error_type":"overloaded"}""", 429)]
    public async Task Generate_TheEngineIsFull_IsBusyAtNobodysCost(string engine, string json, int status)
    {
        Engine.OnChat = FakeEngine.Answers(status, json);

        var frames = await Node.GenerateAsync(RunningNode.Chat(Hello));

        Assert.NotEmpty(engine);
        AssertFailed(frames, FailureKind.Busy, Fault.Nobody, retryable: true);
    }

    [Theory]
    [InlineData("vLLM", """{"error":{"message":"The model `computeshare/tiny` does not exist.","type":"NotFoundError","param":"model","code":404}}""", 404)]
    [InlineData("Ollama", """{"error":{"message":"model \"computeshare/tiny\" not found, try pulling it first","type":"not_found_error","param":null,"code":null}}""", 404)]
    [InlineData("LM Studio", """{"error":{"message":"No models loaded. Please load a model in the developer page or use the 'lms load' command.","type":"invalid_request_error","param":"model","code":"model_not_found"}}""", 404)]
    public async Task Generate_TheModelIsNotThere_IsNotServedAndIsAskedAboutAtOnce(string engine, string json, int status)
    {
        Engine.OnChat = FakeEngine.Answers(status, json);

        var frames = await Node.GenerateAsync(RunningNode.Chat(Hello));

        Assert.NotEmpty(engine);
        AssertFailed(frames, FailureKind.Unsupported, Fault.Node, retryable: true);
        Assert.Equal("model", frames[^1].Failed.Param);
    }

    [Theory]
    [InlineData("SGLang: full", """data: {"error":{"object":"error","message":"The request queue is full.","type":"SERVICE_UNAVAILABLE","param":null,"code":503}}""", FailureKind.Busy, Fault.Nobody)]
    [InlineData("SGLang: too long", """data: {"error":{"object":"error","message":"The input (40000 tokens) is longer than the model's context length (32768 tokens).","type":"BadRequestError","code":400}}""", FailureKind.Overflow, Fault.Request)]
    [InlineData("vLLM: a schema that it cannot follow", """data: {"error":{"message":"Grammar error: Unimplemented keys: [\"not\"]","type":"BadRequestError","param":null,"code":400}}""", FailureKind.Unsupported, Fault.Request)]
    [InlineData("vLLM: its engine died", """data: {"error":{"message":"EngineCore encountered an issue. See stack trace (above) for the root cause.","type":"InternalServerError","param":null,"code":500}}""", FailureKind.EngineError, Fault.Node)]
    [InlineData("TGI: the GPU is full", """data: {"error":{"message":"Request failed during generation: Server error: CUDA out of memory","http_status_code":422}}""", FailureKind.EngineError, Fault.Node)]
    [InlineData("LM Studio", "event: error\ndata: {\"error\":{\"message\":\"The model has crashed without additional information.\"},\"message\":\"The model has crashed\"}", FailureKind.EngineError, Fault.Node)]
    [InlineData("SGLang: given up", """data: {"choices":[{"index":0,"delta":{},"finish_reason":"abort"}]}""", FailureKind.EngineError, Fault.Node)]
    public async Task Generate_ThereIsAFailureInTheStream_SaysWhatItIsUntilSomethingHasCome(string what, string said, FailureKind kind, Fault fault)
    {
        Engine.OnChat = Says(said);
        AssertFailed(await Node.GenerateAsync(RunningNode.Chat(Hello)), kind, fault, retryable: kind != FailureKind.Overflow);

        Engine.OnChat = Says($"data: {FakeEngine.Content("Once")}\n\n{said}");
        var frames = await Node.GenerateAsync(RunningNode.Chat(Hello));

        Assert.NotEmpty(what);
        Assert.Equal("Once", Text(frames));
        var late = kind == FailureKind.Overflow ? kind : FailureKind.EngineError;
        Assert.Equal(late, frames[^1].Failed.Kind);
    }

    [Fact]
    public async Task Generate_LmStudioSays200WithAnError_IsTheEnginesFailure()
    {
        Engine.OnChat = FakeEngine.Answers(200, """{"error":"Unexpected endpoint or method. (POST /v1/chat/completions)"}""");

        AssertFailed(await Node.GenerateAsync(RunningNode.Chat(Hello)), FailureKind.EngineError, Fault.Node, retryable: true);
    }

    [Fact]
    public async Task Generate_TgisCompletion_HasReasonsOfItsOwn()
    {
        Engine.OnChat = FakeEngine.Streams(
            """{"object":"text_completion","id":"","created":1,"choices":[{"index":0,"text":" on","logprobs":null,"finish_reason":""}],"model":"m","system_fingerprint":"3.3.6-dev0-native"}""",
            """{"object":"text_completion","id":"","created":1,"choices":[{"index":0,"text":".","logprobs":null,"finish_reason":"eos_token"}],"model":"m","system_fingerprint":"3.3.6-dev0-native","usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}""",
            FakeEngine.Done);
        var request = RunningNode.Chat(Hello);
        request.Completion = new CompletionWork { Body = Google.Protobuf.ByteString.CopyFromUtf8("""{"prompt":["The river"]}""") };

        var frames = await Node.GenerateAsync(request);

        Assert.Equal((" on.", FinishReason.Stop, 2u), (Text(frames), frames[^1].Finished.FinishReasons.Single(), frames[^1].Finished.Usage.CompletionTokens));
    }

    [Fact]
    public async Task Generate_TheEngineDoesNotKeepItsBound_IsEndedAtLengthAndLeft()
    {
        Engine.OnChat = FakeEngine.Streams([.. Enumerable.Repeat(FakeEngine.Content("la "), 10_000)]);

        var frames = await Node.GenerateAsync(RunningNode.Chat(Hello, maxTokens: 8));

        Assert.Equal([FinishReason.Length], frames[^1].Finished.FinishReasons);
        Assert.InRange(frames[^1].Finished.Usage.CompletionTokens, 9u, 32u);
    }

    private static Func<Microsoft.AspNetCore.Http.HttpContext, Task> Says(string text) => async context =>
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text + "\n\n"), context.RequestAborted);
    };
}
