using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Scheduling;

[Trait("Category", "Integration")]
public sealed class LeaseRenewalTests(RedisServer redis)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Renewals and releases may go to different Schedulers: only the gateway can keep them in order.</summary>
    [Fact]
    public async Task Release_WhileItsLeaseIsRenewed_IsSentAfterTheRenewalIsAnswered()
    {
        await using var market = await Market.StartAsync(redis, 1, "--Scheduling:RenewEvery=00:00:00.100");
        var (renewing, renewed, streaming) = (NewSignal(), NewSignal(), NewSignal());
        market.Scheduler.OnRenew = async _ =>
        {
            renewing.TrySetResult();
            await renewed.Task;
        };
        market.Nodes[0].OnGenerate = async (_, frames, _) =>
        {
            await streaming.Task;
            await FakeNode.Says(frames, "One");
        };
        var asked = market.PostForBodyAsync(Wire.AskStream);
        await renewing.Task.WaitAsync(Limit, Token);
        streaming.SetResult();
        await asked;
        await market.Billing.SettledAsync(Token);

        // One session carries this account's commands in their order: a release of the first would have come before the second's reserve.
        await market.PostForBodyAsync(Wire.AskStream);
        Assert.Equal((2, 0), (market.Scheduler.Reserves.Count, market.Scheduler.Releases.Count));

        renewed.SetResult();
        await TestSupport.Processes.Poll.UntilAsync("both leases are back", () => market.Scheduler.Releases.Count == 2, Limit, Token);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
