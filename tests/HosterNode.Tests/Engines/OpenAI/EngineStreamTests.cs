using ComputeShare.Contracts.Inference;
using Google.Protobuf;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI;

/// <summary>What a node makes of an engine's streams.</summary>
[Trait("Category", "Integration")]
public sealed class EngineStreamTests : EngineTest
{
    [Fact]
    public async Task Generate_LlamaServersStream_GivesDeltasReasonAndUsage()
    {
        var frames = await Node.GenerateAsync(RunningNode.Chat(Hello));

        Assert.NotNull(frames[0].Started);
        Assert.Equal(" ki lo", Text(frames));
        Assert.Equal(2, frames.Sum(frame => frame.Delta?.TokenCount ?? 0));
        var finished = frames[^1].Finished;
        Assert.Equal([FinishReason.Length], finished.FinishReasons);
        Assert.Equal((25u, 5u, 2u), (finished.Usage.PromptTokens, finished.Usage.CachedTokens, finished.Usage.CompletionTokens));
    }

    [Fact]
    public async Task Generate_TheEngineHasSaidAll_ItsConnectionServesAnotherRequest()
    {
        // The end of an answer's body may arrive after the next request has begun; not each time.
        for (var request = 0; request < 20 && Engine.Connections.Distinct().Count() == Engine.Connections.Count; request++)
        {
            await Node.GenerateAsync(RunningNode.Chat(Hello));
        }

        Assert.True(Engine.Connections.Distinct().Count() < Engine.Connections.Count, "Each request had a connection of its own.");
    }

    [Fact]
    public async Task Generate_ACompletion_ReadsTextAndTheUsageOfTheLastChoice()
    {
        Engine.OnChat = FakeEngine.Streams(
            """{"choices":[{"text":" on","index":0,"finish_reason":null}]}""",
            """{"choices":[{"text":"","index":0,"finish_reason":"stop"}],"usage":{"completion_tokens":1,"prompt_tokens":3}}""",
            FakeEngine.Done);
        var request = RunningNode.Chat(Hello);
        request.Completion = new CompletionWork { Body = ByteString.CopyFromUtf8("""{"prompt":"The river"}""") };

        var frames = await Node.GenerateAsync(request);

        Assert.Equal((" on", 3u), (Text(frames), frames[^1].Finished.Usage.PromptTokens));
        Assert.Contains("/v1/completions", Engine.Paths);
    }

    [Fact]
    public async Task Generate_LogprobsAsked_ArePassedOnWithIdsAndCountTheTokens()
    {
        const string Two = """
            {"choices":[{"index":0,"delta":{"content":"né"},"logprobs":{"content":[{"id":110,"token":"n","bytes":[110],"logprob":-0.5,"top_logprobs":[{"id":110,"token":"n","bytes":[110],"logprob":-0.5}]},{"id":9,"token":"é","bytes":[195,169],"logprob":-1.5,"top_logprobs":[]}]}}]}
            """;
        Engine.OnChat = FakeEngine.Streams(Two.Trim(), FakeEngine.Length, FakeEngine.Done);

        var frames = await Node.GenerateAsync(RunningNode.Chat("""{"messages":[{"role":"user","content":"x"}],"logprobs":true,"top_logprobs":1}"""));

        var delta = Assert.Single(frames, frame => frame.Delta is not null).Delta;
        Assert.Equal((2u, "né"), (delta.TokenCount, delta.Text));
        Assert.Equal([110u, 9u], delta.TokenIds);
        Assert.Equal([-0.5f, -1.5f], delta.Logprobs.Select(entry => entry.Logprob));
        Assert.Equal("n", Assert.Single(delta.Logprobs[0].Top).Token);
    }

    [Fact]
    public async Task Generate_ReasoningAndToolCalls_AreMapped()
    {
        Engine.OnChat = FakeEngine.Streams(
            """{"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"look","arguments":"{\"a\":"}}]}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"finish_reason":"tool_calls"}]}""",
            FakeEngine.Done);

        var frames = await Node.GenerateAsync(RunningNode.Chat(Hello));

        var calls = frames.SelectMany(frame => frame.Delta?.ToolCalls ?? []).ToArray();
        Assert.Equal("hm", string.Concat(frames.Select(frame => frame.Delta?.Reasoning)));
        Assert.Equal(("call_1", "look", "{\"a\":1}"), (calls[0].Id, calls[0].Name, string.Concat(calls.Select(call => call.Arguments))));
        Assert.Equal([FinishReason.ToolCalls], frames[^1].Finished.FinishReasons);
    }

    [Fact]
    public async Task Generate_ToolCallsThatEndWithStop_EndWithToolCalls()
    {
        Engine.OnChat = FakeEngine.Streams(
            """{"choices":[{"index":0,"delta":{"role":"assistant","content":"","tool_calls":[{"id":"call_7","index":0,"type":"function","function":{"name":"look","arguments":"{\"a\":1}"}}]},"finish_reason":null}]}""",
            """{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}]}""",
            FakeEngine.Done);

        var frames = await Node.GenerateAsync(RunningNode.Chat(Hello));

        Assert.Equal([FinishReason.ToolCalls], frames[^1].Finished.FinishReasons);
        Assert.Equal("look", frames.SelectMany(frame => frame.Delta?.ToolCalls ?? []).Single().Name);
    }
}
