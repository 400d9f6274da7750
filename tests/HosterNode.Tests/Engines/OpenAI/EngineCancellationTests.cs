using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI;

/// <summary>Requests that end before the engine does.</summary>
[Trait("Category", "Integration")]
public sealed class EngineCancellationTests : EngineTest
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Generate_CallCancelled_ClosesTheEnginesConnectionWithinASecond(bool afterContent)
    {
        Engine.OnChat = FakeEngine.Hangs(afterContent ? [FakeEngine.Role, FakeEngine.Content(" ki")] : [FakeEngine.Role]);
        using var call = Node.Client.Generate(RunningNode.Chat(Hello), cancellationToken: TestContext.Current.CancellationToken);
        await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken);

        call.Dispose();

        await Engine.Closed.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Generate_TheEngineStaysAfterDone_IsFinishedAndTheConnectionCloses()
    {
        Engine.OnChat = FakeEngine.Hangs(FakeEngine.Chat);

        var frames = await Node.GenerateAsync(RunningNode.Chat(Hello));

        Assert.NotNull(frames[^1].Finished);
        // It is given a second to end the body.
        await Engine.Closed.WaitAsync(5 * Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Generate_BeforeTheEnginesHeaders_CancelClosesTheConnectionWithinASecond()
    {
        var arrived = new TaskCompletionSource();
        Engine.OnChat = async context =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };
        using var call = Node.Client.Generate(RunningNode.Chat(Hello), cancellationToken: TestContext.Current.CancellationToken);
        await arrived.Task.WaitAsync(TestContext.Current.CancellationToken);

        call.Dispose();

        await Engine.Closed.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Generate_TheEngineStalls_TheDeadlineEndsItsRequest()
    {
        Engine.OnChat = FakeEngine.Hangs(FakeEngine.Role, FakeEngine.Content(" ki"));
        var request = RunningNode.Chat(Hello);
        request.Deadlines = new Deadlines { BetweenTokensMs = 100 };

        AssertFailed(await Node.GenerateAsync(request), FailureKind.Deadline, Fault.Node, retryable: true);
        await Engine.Closed.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }
}
