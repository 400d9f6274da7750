using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Slots;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.HosterNode.Tests.Streaming;

[Trait("Category", "Integration")]
public sealed class CancellationTests
{
    private const string Hello = """{"messages":[{"role":"user","content":"Tell me of the river."}],"seed":7,"min_tokens":1000}""";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("--Engine:BuiltIn:TokensPerSecond=20")]
    [InlineData("--Engine:BuiltIn:TokensPerSecond=0.5")]
    [InlineData("--Engine:BuiltIn:Threads=1")]
    public async Task Generate_CallCancelled_FreesTheSlotsWithinASecond(string pace)
    {
        await using var node = await RunningNode.StartAsync(pace);
        using var call = node.Client.Generate(RunningNode.Chat(Hello, maxTokens: 900, slots: 4), cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        var slots = node.Services.GetRequiredService<SlotTable>();
        var change = slots.Changed;
        Assert.Single(slots.Read().LeaseIds);

        call.Dispose();

        await change.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Empty(slots.Read().LeaseIds);
    }

    [Fact]
    public async Task Generate_ReaderStops_TheEngineWaitsAndOthersGoOn()
    {
        await using var node = await RunningNode.StartAsync("--Node:Slots=8");
        using var stalled = node.Client.Generate(RunningNode.Chat(Hello, maxTokens: 1000, slots: 4), cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(await stalled.ResponseStream.MoveNext(TestContext.Current.CancellationToken));

        var frames = await node.GenerateAsync(RunningNode.Chat(Hello, maxTokens: 50));

        Assert.NotNull(frames[^1].Finished);
    }

    [Theory]
    [InlineData("0.1", 300u, 0u, 0u, Fault.Node, true)]
    [InlineData("2.5", 0u, 200u, 0u, Fault.Node, true)]
    [InlineData("0.1", 0u, 0u, 300u, Fault.Nobody, false)]
    public async Task Generate_ADeadlinePasses_FailsAndSaysWhoseFault(
        string tokensPerSecond, uint first, uint between, uint total, Fault fault, bool retryable)
    {
        await using var node = await RunningNode.StartAsync("--Engine:BuiltIn:TokensPerSecond=" + tokensPerSecond);
        var request = RunningNode.Chat(Hello, maxTokens: 500);
        request.Deadlines = new Deadlines { FirstTokenMs = first, BetweenTokensMs = between, TotalMs = total };

        var frames = await node.GenerateAsync(request);

        Assert.Equal(between > 0 ? 3 : 2, frames.Count);
        var failed = frames[^1].Failed;
        Assert.Equal((FailureKind.Deadline, fault, retryable), (failed.Kind, failed.Fault, failed.Retryable));
        Assert.Empty(node.Services.GetRequiredService<SlotTable>().Read().LeaseIds);
    }

    [Fact]
    public async Task Generate_FailureAtTheFifthToken_SendsFourAndFails()
    {
        await using var node = await RunningNode.StartAsync("--Engine:BuiltIn:TokensPerSecond=50", "--Faults:node.generate.token=throw@5");

        var frames = await node.GenerateAsync(RunningNode.Chat(Hello, maxTokens: 20));

        Assert.Equal(4, frames.Sum(frame => frame.Delta?.TokenCount ?? 0));
        Assert.Equal((FailureKind.EngineError, Fault.Node, true), (frames[^1].Failed.Kind, frames[^1].Failed.Fault, frames[^1].Failed.Retryable));
        Assert.NotNull((await node.GenerateAsync(RunningNode.Chat(Hello, maxTokens: 20)))[^1].Finished);
    }
}
