using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Tests.Streaming;

[Trait("Category", "Integration")]
public sealed class GenerateTests
{
    private const string Hello = """{"messages":[{"role":"user","content":"Tell me of the river."}],"seed":7}""";

    [Fact]
    public async Task Generate_AChat_StartsStreamsAndFinishesWithUsage()
    {
        await using var node = await RunningNode.StartAsync();

        var frames = await node.GenerateAsync(RunningNode.Chat(Hello, maxTokens: 24));

        TestContext.Current.TestOutputHelper!.WriteLine(string.Join("", frames.Select(f => f.Delta?.Text)));
        Assert.StartsWith("built-in/", frames[0].Started.Fingerprint, StringComparison.Ordinal);
        var deltas = frames[1..^1].ConvertAll(frame => frame.Delta);
        Assert.All(deltas, delta => Assert.Equal((uint)delta.TokenIds.Count, delta.TokenCount));
        var finished = frames[^1].Finished;
        Assert.Equal([FinishReason.Length], finished.FinishReasons);
        Assert.Equal(24u, finished.Usage.CompletionTokens);
        Assert.Equal(24, deltas.Sum(delta => delta.TokenCount));
        Assert.True(finished.Usage.PromptTokens > 5);
    }
}
