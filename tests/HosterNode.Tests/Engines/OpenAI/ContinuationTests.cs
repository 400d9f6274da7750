using ComputeShare.Contracts.Inference;
using Google.Protobuf;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI;

/// <summary>An engine goes on with what another node began.</summary>
[Trait("Category", "Integration")]
public sealed class ContinuationTests : EngineTest
{
    private const string Tokenize = "/tokenize";

    [Fact]
    public async Task Generate_AChatGoesOn_TheTextIsTheLastMessageAndNotPartOfThePrompt()
    {
        Engine.Pages[Tokenize] = """{"tokens":[11,12,13]}""";
        var request = RunningNode.Chat(Hello, maxTokens: 9);
        request.Continuation = new Continuation { TokenIds = { 11, 12, 13 }, Text = "The river" };

        var frames = await Node.GenerateAsync(request);

        var body = Assert.Single(Engine.Bodies).GetRawText();
        Assert.EndsWith(
            """
            "messages":[{"role":"user","content":"Tell me of the river."},{"role":"assistant","content":"The river"}],"continue_final_message":true,"add_generation_prompt":false,"temperature":0.5}
            """,
            body,
            StringComparison.Ordinal);
        Assert.Equal(3u, frames.First(frame => frame.Delta is not null).Delta.Position);
        Assert.Equal((22u, 2u), (frames[^1].Finished.Usage.PromptTokens, frames[^1].Finished.Usage.CompletionTokens));
    }

    [Theory]
    [InlineData("\"The sea\"")]
    [InlineData("[1,2]")]
    public async Task Generate_ACompletionGoesOn_ByTheIdsOfAllItsTokens(string prompt)
    {
        Engine.Pages[Tokenize] = """{"tokens":[1,2]}""";
        var request = RunningNode.Chat("{}");
        request.Completion = new CompletionWork { Body = ByteString.CopyFromUtf8($$"""{"prompt":[{{prompt}}]}""") };
        request.Continuation = new Continuation { TokenIds = { 11, 12, 13 }, Text = " is wide" };

        await Node.GenerateAsync(request);

        Assert.Equal("[1,2,11,12,13]", Assert.Single(Engine.Bodies).GetProperty("prompt").GetRawText());
    }

    [Theory]
    [InlineData("""{"tokens":[11,99]}""")]
    [InlineData("""{"error":"none"}""")]
    [InlineData(null)]
    public async Task Generate_TheTextHasOtherTokensHere_IsLeftToAnotherNode(string? answer)
    {
        Engine.Pages[Tokenize] = answer;
        var request = RunningNode.Chat(Hello);
        request.Continuation = new Continuation { TokenIds = { 11, 12 }, Text = "The river" };

        var frames = await Node.GenerateAsync(request);

        AssertFailed(frames, FailureKind.Unsupported, Fault.Request, retryable: true);
        Assert.Empty(Engine.Bodies);
    }

    [Fact]
    public async Task Generate_AFormGoesOn_IsLeftToAnotherNode()
    {
        var request = RunningNode.Chat("""{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}""");
        request.Continuation = new Continuation { Text = "{" };

        var failed = (await Node.GenerateAsync(request))[^1].Failed;

        Assert.Equal((FailureKind.Unsupported, "response_format"), (failed.Kind, failed.Param));
    }

    [Fact]
    public async Task Generate_TwoChoicesGoOn_IsTheRequestsFault()
    {
        var request = RunningNode.Chat("""{"messages":[{"role":"user","content":"x"}],"n":2}""", slots: 2);
        request.Continuation = new Continuation { Text = "The river" };

        var failed = (await Node.GenerateAsync(request))[^1].Failed;

        Assert.Equal((FailureKind.EngineError, "n"), (failed.Kind, failed.Param));
    }
}
