using System.Diagnostics;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Tests.Nodes;

/// <summary>Failing nodes, on real Schedulers with a real Redis.</summary>
[Trait("Category", "Integration")]
public sealed class CoolDownTests(RedisServer redis) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private const string Key = "{n:n1}:failures";
    private const string LongFirst = "--CoolDowns:First=00:00:20";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly List<IAsyncDisposable> _started = [];
    private ConnectionMultiplexer _connection = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await redis.FlushAsync();
        _connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var started in Enumerable.Reverse(_started))
        {
            await started.DisposeAsync();
        }

        await _connection.DisposeAsync();
    }

    [Fact]
    public async Task Node_Failed_IsPassedOverByEverySchedulerAndAfterARestart()
    {
        var (one, other) = (await StartAsync(LongFirst), await StartAsync(LongFirst));
        await one.ReportAsync(Reports.Of("n1"));
        await other.ReportAsync(Reports.Of("n1"));

        await one.ReleaseAsync((await one.ReserveAsync()).Reserved, AttemptResult.NodeFailed);

        Assert.Equal(RefusalKind.Busy, (await one.ReserveAsync()).Refused.Kind);
        await PassesOverAsync(other);
        await PassesOverAsync(await StartAsync(LongFirst));
    }

    [Fact]
    public async Task Node_CoolsDown_WhoeverWaitsIsServedAfterwards()
    {
        var one = await StartAsync("--CoolDowns:First=00:00:00.8");
        await one.ReportAsync(Reports.Of("n1"));
        await one.ReleaseAsync((await one.ReserveAsync()).Reserved, AttemptResult.NodeFailed);
        var start = Stopwatch.GetTimestamp();

        var served = (await one.ReserveAsync(waitMs: 10_000)).Reserved;

        Assert.NotNull(served);
        Assert.True(Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(0.4), "It did not wait.");
    }

    [Fact]
    public async Task Failures_InARow_CoolLongerUpToTheLongest()
    {
        var one = await StartAsync("--CoolDowns:First=00:00:00.2", "--CoolDowns:Longest=00:00:00.5");
        await one.ReportAsync(Reports.Of("n1"));

        for (var failures = 1; failures <= 4; failures++)
        {
            await one.ReleaseAsync((await one.ReserveAsync(waitMs: 10_000)).Reserved, AttemptResult.NodeFailed);
            var left = await LeftAsync();
            Assert.Equal(failures, (int)await _connection.GetDatabase().HashGetAsync(Key, "count"));
            Assert.InRange(left.TotalMilliseconds, 0, Math.Min(200 * Math.Pow(2, failures - 1), 500));
        }

        Assert.InRange((await _connection.GetDatabase().KeyTimeToLiveAsync(Key))!.Value.TotalMinutes, 4, 6);
    }

    [Fact]
    public async Task Failures_OfStreamsThatRanTogether_CountOnce()
    {
        var one = await StartAsync(LongFirst);
        await one.ReportAsync(Reports.Of("n1"));
        var leases = new List<Reserved>();
        for (var i = 0; i < 4; i++)
        {
            leases.Add((await one.ReserveAsync()).Reserved);
        }

        await Task.WhenAll(leases.Select(lease => one.ReleaseAsync(lease, AttemptResult.NodeFailed)));

        Assert.Equal(1, (int)await _connection.GetDatabase().HashGetAsync(Key, "count"));
    }

    [Fact]
    public async Task Node_HalfDead_CoolsForLonger()
    {
        var one = await StartAsync("--CoolDowns:First=00:00:00.05", "--CoolDowns:FirstHalfDead=00:00:20");
        await one.ReportAsync(Reports.Of("n1"));

        await one.ReleaseAsync((await one.ReserveAsync()).Reserved, AttemptResult.NodeFailed, "first_token_deadline");

        Assert.InRange((await LeftAsync()).TotalSeconds, 10, 20);
    }

    [Fact]
    public async Task Success_AfterTheCoolDown_ForgivesTheFailure()
    {
        var one = await StartAsync("--CoolDowns:First=00:00:00.2");
        await one.ReportAsync(Reports.Of("n1"));
        await one.ReleaseAsync((await one.ReserveAsync()).Reserved, AttemptResult.NodeFailed);
        Assert.True(await _connection.GetDatabase().KeyExistsAsync(Key));

        await one.ReleaseAsync((await one.ReserveAsync(waitMs: 10_000)).Reserved, AttemptResult.Succeeded);

        Assert.False(await _connection.GetDatabase().KeyExistsAsync(Key));
    }

    [Fact]
    public async Task Success_OfAnAttemptThatBeganBeforeTheFailure_LeavesTheCoolDown()
    {
        var (one, other) = (await StartAsync(LongFirst), await StartAsync(LongFirst));
        await one.ReportAsync(Reports.Of("n1"));
        await other.ReportAsync(Reports.Of("n1"));
        var (failed, good) = ((await one.ReserveAsync()).Reserved, (await one.ReserveAsync()).Reserved);
        await one.ReleaseAsync(failed, AttemptResult.NodeFailed);
        await PassesOverAsync(other);

        await other.ReleaseAsync(good, AttemptResult.Succeeded);

        Assert.Equal(RefusalKind.Busy, (await other.ReserveAsync()).Refused.Kind);
        Assert.Equal(1, (int)await _connection.GetDatabase().HashGetAsync(Key, "count"));
    }

    [Theory]
    [InlineData(AttemptResult.SlotsFull)]
    [InlineData(AttemptResult.Blameless)]
    public async Task Node_FullOrBlameless_DoesNotCool(AttemptResult result)
    {
        var one = await StartAsync(LongFirst);
        await one.ReportAsync(Reports.Of("n1"));

        await one.ReleaseAsync((await one.ReserveAsync()).Reserved, result);

        Assert.NotNull((await one.ReserveAsync()).Reserved);
        Assert.False(await _connection.GetDatabase().KeyExistsAsync(Key));
    }

    [Theory]
    [InlineData("--CoolDowns:First=00:10:00", "CoolDowns:First")]
    [InlineData("--CoolDowns:Longest=00:00:00.5", "CoolDowns:Longest")]
    public async Task Start_AWrongOption_NamesItsKey(string setting, string key)
    {
        var error = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            TestScheduler.StartAsync(redis.ConnectionString, setting));

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    private static Task PassesOverAsync(TestSession session) => Poll.UntilAsync("the node is passed over", async () =>
    {
        var answer = await session.ReserveAsync();
        if (answer.Reserved is not null)
        {
            await session.ReleaseAsync(answer.Reserved, AttemptResult.Blameless);
        }

        return answer.Refused?.Kind == RefusalKind.Busy;
    }, Limit, Token);

    private async Task<TimeSpan> LeftAsync()
    {
        var until = (long)await _connection.GetDatabase().HashGetAsync(Key, "until");
        var now = await _connection.GetServers()[0].TimeAsync();
        return DateTimeOffset.FromUnixTimeMilliseconds(until) - now;
    }

    private async Task<TestSession> StartAsync(params string[] settings)
    {
        var scheduler = await TestScheduler.StartAsync(redis.ConnectionString, settings);
        _started.Add(scheduler);
        await Poll.UntilAsync("Redis is connected", async () => await scheduler.HealthAsync("/health") == "Healthy", Limit, Token);
        var session = scheduler.OpenSession();
        _started.Add(session);
        return session;
    }
}
