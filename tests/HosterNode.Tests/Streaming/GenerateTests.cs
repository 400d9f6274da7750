using System.Text;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Slots;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.HosterNode.Tests.Streaming;

[Trait("Category", "Integration")]
public sealed class GenerateTests(RunningNode node) : IClassFixture<RunningNode>
{
    private const string Prompt = "Tell me of the river.";

    // Long, whatever the model would rather do.
    private const string Hello = $$"""{"messages":[{"role":"user","content":"{{Prompt}}"}],"min_tokens":1024,"seed":7}""";

    [Fact]
    public async Task Generate_AChat_StartsStreamsAndFinishesWithUsage()
    {
        var frames = await node.GenerateAsync(RunningNode.Chat(Hello, maxTokens: 24));

        Assert.StartsWith("built-in/", frames[0].Started.Fingerprint, StringComparison.Ordinal);
        var deltas = frames[1..^1].ConvertAll(frame => frame.Delta);
        Assert.All(deltas, delta => Assert.Equal((uint)delta.TokenIds.Count, delta.TokenCount));
        var finished = frames[^1].Finished;
        Assert.Equal([FinishReason.Length], finished.FinishReasons);
        Assert.Equal(24u, finished.Usage.CompletionTokens);
        Assert.Equal(24, deltas.Sum(delta => delta.TokenCount));
        Assert.Equal(CommittedModel.PromptLength(Prompt), finished.Usage.PromptTokens);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.2)]
    public async Task Generate_SameBodyAndSeed_GivesTheSameText(double temperature)
    {
        var body = Hello.Replace("\"seed\":7", FormattableString.Invariant($"\"seed\":7,\"temperature\":{temperature}"), StringComparison.Ordinal);

        var first = Text(await node.GenerateAsync(RunningNode.Chat(body, maxTokens: 100)));
        var second = Text(await node.GenerateAsync(RunningNode.Chat(body, maxTokens: 100)));

        Assert.Equal(first, second);
        Assert.True(first.Length > 100);
    }

    [Fact]
    public async Task Generate_HotSampling_StaysUtf8()
    {
        const string Hot = """{"messages":[{"role":"user","content":"x"}],"temperature":2,"seed":3,"min_tokens":600,"logit_bias":{"46":-100}}""";

        var frames = await node.GenerateAsync(RunningNode.Chat(Hot, maxTokens: 600));

        Assert.All(frames, frame => Assert.DoesNotContain('\ufffd', frame.Delta?.Text ?? ""));
        Assert.DoesNotContain("<|", Text(frames), StringComparison.Ordinal);
        Assert.NotNull(frames[^1].Finished);
    }

    [Fact]
    public async Task Generate_ThreeChoices_StreamsThreeTexts()
    {
        var body = Hello.Replace("\"seed\":7", "\"seed\":7,\"temperature\":2", StringComparison.Ordinal);

        var frames = await node.GenerateAsync(RunningNode.Chat(body, maxTokens: 20, slots: 3));

        var texts = Enumerable.Range(0, 3).Select(choice => Text(frames, choice)).ToArray();
        Assert.Equal(3, texts.Distinct().Count());
        Assert.Equal(3, frames[^1].Finished.FinishReasons.Count);
        Assert.Equal(60u, frames[^1].Finished.Usage.CompletionTokens);
    }

    [Fact]
    public async Task Generate_AStopString_EndsBeforeIt()
    {
        var whole = Text(await node.GenerateAsync(RunningNode.Chat(Hello, maxTokens: 60)));
        var stop = whole.Substring(40, 7);
        var request = RunningNode.Chat(Hello, maxTokens: 60);
        request.Stop.Add(stop);

        var frames = await node.GenerateAsync(request);

        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], Text(frames));
        Assert.Equal([FinishReason.Stop], frames[^1].Finished.FinishReasons);
    }

    [Fact]
    public async Task Generate_ContinuedByIds_GivesTheSameTextAlsoWithChance()
    {
        var whole = (await node.GenerateAsync(RunningNode.Chat(Hello, maxTokens: 50))).SelectMany(frame => frame.Delta?.TokenIds ?? []).ToArray();
        var request = RunningNode.Chat(Hello, maxTokens: 30);
        request.Continuation = new Continuation { TokenIds = { whole[..20] } };

        var frames = await node.GenerateAsync(request);

        Assert.Equal(whole[20..], frames.SelectMany(frame => frame.Delta?.TokenIds ?? []));
        Assert.Equal(20u, frames[1].Delta.Position);
        Assert.Equal(CommittedModel.PromptLength(Prompt), frames[^1].Finished.Usage.PromptTokens);
    }

    [Fact]
    public async Task Generate_ACompletion_GoesOnFromThePrompt()
    {
        var request = RunningNode.Chat(Hello, maxTokens: 10);
        request.Completion = new CompletionWork { Body = ByteString.CopyFromUtf8("""{"prompt":"The river","temperature":0,"min_tokens":10}""") };

        var frames = await node.GenerateAsync(request);

        Assert.Equal(10u, frames[^1].Finished.Usage.CompletionTokens);
    }

    [Fact]
    public async Task Generate_LogprobsAsked_ComeWithEveryToken()
    {
        var body = Hello.Replace("\"seed\":7", "\"temperature\":0,\"logprobs\":true,\"top_logprobs\":3", StringComparison.Ordinal);

        var frames = await node.GenerateAsync(RunningNode.Chat(body, maxTokens: 12));

        var logprobs = frames.SelectMany(frame => frame.Delta?.Logprobs ?? []).ToArray();
        Assert.Equal(12, logprobs.Length);
        Assert.All(logprobs, entry => Assert.Equal(3, entry.Top.Count));
        Assert.All(logprobs, entry => Assert.Equal(entry.Top[0].Logprob, entry.Logprob));
        Assert.All(logprobs, entry => Assert.InRange(entry.Logprob, -20, 0));
        Assert.Equal(Text(frames), Encoding.UTF8.GetString([.. logprobs.SelectMany(entry => entry.TokenBytes.ToByteArray())]));
    }

    [Theory]
    [InlineData("not json", "")]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"messages":[null]}""", "messages")]
    [InlineData("""{"messages":"hello"}""", "messages")]
    [InlineData("""{"messages":[{"role":"robot","content":"x"}]}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":"\ud800"}]}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":7}]}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"temperature":3}""", "temperature")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"temperature":"hot"}""", "temperature")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"logit_bias":{"99999":1}}""", "logit_bias")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"n":2}""", "n")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"min_tokens":-1}""", "min_tokens")]
    public async Task Generate_AWrongBody_FailsByTheRequestsFault(string body, string param)
    {
        var failed = Assert.Single(await node.GenerateAsync(RunningNode.Chat(body))).Failed;

        Assert.Equal((Fault.Request, false, param), (failed.Fault, failed.Retryable, failed.Param));
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"custom","custom":{"name":"f"}}]}""", "tools")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"functions":[{"name":"f"}]}""", "functions")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"schema":{"not":{}}}}}""", "response_format")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","minProperties":1}}}]}""", "tools")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", "messages")]
    public async Task Generate_WhatTheModelCannot_IsUnsupported(string body, string param)
    {
        var failed = Assert.Single(await node.GenerateAsync(RunningNode.Chat(body))).Failed;

        Assert.Equal((FailureKind.Unsupported, param), (failed.Kind, failed.Param));
    }

    [Theory]
    [InlineData(10, 1024u)]
    [InlineData(6_000, 1u)]
    [InlineData(3_000_000, 0u)]
    public async Task Generate_MoreThanTheContext_Overflows(int words, uint maxTokens)
    {
        var body = $$"""{"messages":[{"role":"user","content":"{{string.Concat(Enumerable.Repeat("river ", words))}}"}]}""";

        var failed = Assert.Single(await node.GenerateAsync(RunningNode.Chat(body, maxTokens))).Failed;

        Assert.Equal((FailureKind.Overflow, Fault.Request, false, "messages"), (failed.Kind, failed.Fault, failed.Retryable, failed.Param));
    }

    [Fact]
    public async Task Generate_NoMaxTokens_FillsTheContext()
    {
        var finished = (await node.GenerateAsync(RunningNode.Chat(Hello, maxTokens: 0)))[^1].Finished;

        var all = finished.Usage.PromptTokens + finished.Usage.CompletionTokens;
        Assert.Equal((FinishReason.Length, 1024u), (finished.FinishReasons[0], all));
    }

    [Fact]
    public async Task Generate_ATrainedAnswer_EndsByItself()
    {
        var body = Hello.Replace("\"min_tokens\":1024", "\"temperature\":0", StringComparison.Ordinal);

        var finished = (await node.GenerateAsync(RunningNode.Chat(body, maxTokens: 900)))[^1].Finished;

        Assert.Equal([FinishReason.Stop], finished.FinishReasons);
        Assert.InRange(finished.Usage.CompletionTokens, 5u, 200u);
    }

    [Fact]
    public async Task Generate_MinTokens_EndsNoEarlierAndNotMuchLater()
    {
        var body = Hello.Replace("\"min_tokens\":1024", "\"temperature\":0,\"min_tokens\":60", StringComparison.Ordinal);

        var finished = (await node.GenerateAsync(RunningNode.Chat(body, maxTokens: 900)))[^1].Finished;

        Assert.InRange(finished.Usage.CompletionTokens, 60u, 900u);
    }

    [Fact]
    public async Task Generate_AModelItLacks_IsTheNodesFault()
    {
        var request = RunningNode.Chat(Hello);
        request.Model = "another";

        Assert.Equal(Fault.Node, Assert.Single(await node.GenerateAsync(request)).Failed.Fault);
    }

    [Fact]
    public async Task Generate_MoreSlotsThanThereAre_IsBusyAndNobodysFault()
    {
        var failed = Assert.Single(await node.GenerateAsync(RunningNode.Chat(Hello, slots: 5))).Failed;

        Assert.Equal((FailureKind.Busy, Fault.Nobody, true), (failed.Kind, failed.Fault, failed.Retryable));
        Assert.StartsWith("slots_full", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_LastFrameRead_FindsTheSlotsFree()
    {
        for (var i = 0; i < 20; i++)
        {
            await node.GenerateAsync(RunningNode.Chat(Hello, maxTokens: 2, slots: 4));

            Assert.Empty(node.Services.GetRequiredService<SlotTable>().Read().LeaseIds);
        }
    }

    [Theory]
    [InlineData("wrong-token-wrong-token-wrong-token")]
    [InlineData("")]
    public async Task Generate_WrongDialToken_IsUnauthenticated(string token)
    {
        using var call = node.ClientWith(token).Generate(RunningNode.Chat(Hello), cancellationToken: TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));

        Assert.Equal(StatusCode.Unauthenticated, error.StatusCode);
    }

    private static string Text(IEnumerable<Frame> frames, int choice = 0) =>
        string.Concat(frames.Where(frame => frame.Delta?.ChoiceIndex == choice).Select(frame => frame.Delta.Text));
}
