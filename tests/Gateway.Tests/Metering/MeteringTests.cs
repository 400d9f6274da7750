using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Metering;

/// <summary>A gateway that has the model's tokenizer, between fakes.</summary>
[Trait("Category", "Integration")]
public sealed class MeteringTests(RedisServer redis)
{
    private const string Ask = """{"model":"auto","messages":[{"role":"user","content":"Write of the sea"}],"max_tokens":500}""";
    private const string Answer = "The river runs to the sea, and the garden sleeps.";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static uint Prompt => TinyTokenizer.Count("Write of the sea") + 4 + 2;

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task Answer_OfANodeThatInflates_IsBilledAndHeldByTheGatewaysCount(uint factor)
    {
        await using var market = await StartAsync();
        market.Nodes[0].OnGenerate = (_, frames, _) => SaysAsync(frames, factor);

        var body = await market.PostForBodyAsync(Ask);
        var settle = await market.Billing.SettledAsync(Token);

        var share = Assert.Single(settle.Shares);
        Assert.Equal((Prompt, TinyTokenizer.Count(Answer)), (share.PromptTokens, share.CompletionTokens));
        Assert.False(settle.Record.CountsAreBounded);
        Assert.Equal(Prompt, market.Billing.Holds.Single().PromptTokens);
        Assert.Contains($"\"usage\":{{\"prompt_tokens\":{Prompt},\"completion_tokens\":{TinyTokenizer.Count(Answer)},", body, StringComparison.Ordinal);
        var counts = await market.Billing.CountsAsync(Token);
        Assert.Equal(("node-0", "computeshare/tiny", 1UL, (ulong)TinyTokenizer.Count(Answer)), (counts.NodeId, counts.ModelId, counts.Answers, counts.CountedTokens));
        Assert.Equal((ulong)(TinyTokenizer.Count(Answer) * factor), counts.ReportedTokens);
        Assert.Equal((Prompt, Prompt * factor), (counts.CountedPromptTokens, counts.ReportedPromptTokens));
    }

    [Fact]
    public async Task ReportCounts_NodeThoughtOfOtherwise_IsRegisteredAgain()
    {
        await using var market = await StartAsync();
        market.Nodes[0].OnGenerate = (_, frames, _) => SaysAsync(frames, 10);
        var before = market.Billing.Registrations.Count;

        await market.PostForBodyAsync(Ask);
        await market.Billing.CountsAsync(Token);

        await TestSupport.Processes.Poll.UntilAsync(
            "the node is registered again", () => market.Billing.Registrations.Count > before, TimeSpan.FromSeconds(20), Token);
    }

    private Task<Market> StartAsync() => Market.StartAsync(redis, billing => billing.Tokenizer = TinyTokenizer.Name, "--Metering:ReportEvery=00:00:00.1");

    private static async Task SaysAsync(Grpc.Core.IServerStreamWriter<Frame> frames, uint factor)
    {
        foreach (var word in Answer.Split(' '))
        {
            await frames.WriteAsync(new Frame { Delta = new Delta { Text = word == "The" ? word : " " + word, TokenCount = factor } });
        }

        await frames.WriteAsync(new Frame
        {
            Finished = new Finished
            {
                FinishReasons = { FinishReason.Length },
                Usage = new EngineUsage { PromptTokens = Prompt * factor, CompletionTokens = TinyTokenizer.Count(Answer) * factor },
            },
        });
    }
}
