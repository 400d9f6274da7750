using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Redis;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Tests.Sessions;

[Trait("Category", "Integration")]
public sealed class FaultPointTests(RedisServer redis) : IClassFixture<RedisServer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("scheduler.reserve.before-lease")]
    [InlineData("scheduler.reserve.after-lease")]
    public async Task Reserve_FailsInside_IsUnavailableAndHoldsNoSlot(string point)
    {
        await redis.FlushAsync();
        await using var scheduler = await TestScheduler.StartAsync(redis.ConnectionString, $"--Faults:{point}=throw@1");
        await using var session = scheduler.OpenSession();
        await session.ReportAsync(Reports.Of("n1", slots: 1));

        Assert.NotNull((await session.ReserveAsync()).Unavailable);
        Assert.NotNull((await session.ReserveAsync()).Reserved);
    }

    [Fact]
    public async Task Reserve_CancelledAfterTheLeaseWasTaken_GivesItBack()
    {
        await redis.FlushAsync();
        await using var scheduler = await TestScheduler.StartAsync(redis.ConnectionString, "--Faults:scheduler.reserve.after-lease=delay:20000@1");
        await using var session = scheduler.OpenSession();
        await session.ReportAsync(Reports.Of("n1", slots: 1));
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var reserve = session.ReserveAsync();
        await Poll.UntilAsync("the slot is taken", async () => await TakenAsync() == 1, TimeSpan.FromSeconds(10), Token);

        await session.SendAsync(new SchedulerCommand { Cancel = session.LastId });

        Assert.Equal(RefusalKind.Cancelled, (await reserve).Refused.Kind);
        Assert.Equal(0, await TakenAsync());

        Task<long> TakenAsync() => connection.GetDatabase().SortedSetLengthAsync(RedisKeys.NodeLeases("n1"));
    }
}
