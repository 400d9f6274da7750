using ComputeShare.Contracts.Inference;
using ComputeShare.Tokenizing;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn;

/// <summary>
/// What the built-in engine generates is what its text has when it is read again, nearly always: its honest counts are the gateway's.
/// </summary>
[Trait("Category", "Integration")]
public sealed class CanonicalTokensTests
{
    private static readonly string[] Questions = ["Go on and on", "Write a haiku about GPUs", "Tell me of the river", "Who are you?", "Write a short poem about coffee"];

    [Theory]
    [InlineData(0, 1.0)]
    [InlineData(1, 1.005)]
    public async Task Generate_Answers_HaveHardlyMoreTokensThanTheirText(int temperature, double most)
    {
        await using var node = await RunningNode.StartAsync();
        var (generated, counted) = (0u, 0L);
        foreach (var question in Questions)
        {
            for (var seed = 0; seed < (temperature == 0 ? 1 : 6); seed++)
            {
                var body = $$"""{"messages":[{"role":"user","content":"{{question}}"}],"temperature":{{temperature}},"seed":{{seed}},"min_tokens":60}""";
                var frames = await node.GenerateAsync(RunningNode.Chat(body, maxTokens: 150));
                generated += frames[^1].Finished.Usage.CompletionTokens;
                counted += TokenCounter.CountOf(CommittedModel.Model.Tokenizer, string.Concat(frames.Where(frame => frame.KindCase == Frame.KindOneofCase.Delta).Select(frame => frame.Delta.Text)));
            }
        }

        Assert.True(generated <= counted * most, $"{generated} tokens were generated, their text has {counted}.");
    }
}
