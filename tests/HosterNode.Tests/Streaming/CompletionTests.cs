using ComputeShare.Contracts.Inference;
using Google.Protobuf;

namespace ComputeShare.HosterNode.Tests.Streaming;

[Trait("Category", "Integration")]
public sealed class CompletionTests(RunningNode node) : IClassFixture<RunningNode>
{
    [Fact]
    public async Task Generate_TwoPromptsOfTwoChoices_AreFourTextsInOrder()
    {
        var both = await CompleteAsync("""{"prompt":["The river","A cold"],"n":2,"temperature":0}""", slots: 4);
        var first = await CompleteAsync("""{"prompt":["The river"],"temperature":0}""", slots: 1);
        var second = await CompleteAsync("""{"prompt":["A cold"],"temperature":0}""", slots: 1);

        Assert.Equal([Text(first, 0), Text(first, 0), Text(second, 0), Text(second, 0)], Enumerable.Range(0, 4).Select(choice => Text(both, choice)));
        Assert.Equal(4, both[^1].Finished.FinishReasons.Count);
        // Each prompt once.
        Assert.Equal(first[^1].Finished.Usage.PromptTokens + second[^1].Finished.Usage.PromptTokens, both[^1].Finished.Usage.PromptTokens);
    }

    [Fact]
    public async Task Generate_PromptsOfIds_AreThoseOfTheText()
    {
        var tokens = new List<int>();
        CommittedModel.Model.Tokenizer.Encode("The river", tokens);

        var byText = await CompleteAsync("""{"prompt":["The river"],"seed":5}""", slots: 1);
        var byIds = await CompleteAsync($$"""{"prompt":[[{{string.Join(',', tokens)}}]],"seed":5}""", slots: 1);

        Assert.Equal(Text(byText, 0), Text(byIds, 0));
    }

    [Fact]
    public async Task Generate_CompletionLogprobs_HaveThatManyAlternatives()
    {
        var frames = await CompleteAsync("""{"prompt":["The river"],"logprobs":2}""", slots: 1);

        Assert.All(frames.SelectMany(frame => frame.Delta?.Logprobs ?? []), entry => Assert.Equal(2, entry.Top.Count));
    }

    [Theory]
    [InlineData("""{"prompt":["a","b"],"n":2}""", 2u, "n")]
    [InlineData("""{"prompt":["a","b"]}""", 3u, "n")]
    [InlineData("""{"prompt":[]}""", 1u, "prompt")]
    public async Task Generate_WrongCompletions_FailByTheRequestsFault(string body, uint slots, string param)
    {
        var failed = Assert.Single(await CompleteAsync(body, slots)).Failed;

        Assert.Equal((Fault.Request, param), (failed.Fault, failed.Param));
    }

    private static string Text(IEnumerable<Frame> frames, int choice) =>
        string.Concat(frames.Where(frame => frame.Delta?.ChoiceIndex == choice).Select(frame => frame.Delta.Text));

    private Task<List<Frame>> CompleteAsync(string body, uint slots)
    {
        var request = RunningNode.Chat("{}", maxTokens: 12, slots);
        request.Completion = new CompletionWork { Body = ByteString.CopyFromUtf8(body) };
        return node.GenerateAsync(request);
    }
}
