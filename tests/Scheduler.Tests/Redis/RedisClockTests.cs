using ComputeShare.Scheduler.Redis;
using ComputeShare.TestSupport.Servers;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Tests.Redis;

/// <summary>Redis' clock is set back, by an hour: what somebody who is dead took comes back all the same, and in time.</summary>
[Trait("Category", "Integration")]
public sealed class RedisClockTests(RedisServer server) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private const long Before = ScriptClock.Start;
    private const long After = Before - 3_600_000;
    private const int Life = 15_000;
    private const int Capacity = 2;
    private const int Longest = 120_000;

    private ConnectionMultiplexer _redis = null!;

    public async ValueTask InitializeAsync() => _redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public async Task Lease_OfADeadGateway_EndsALifeAfterItIsNextMet()
    {
        Assert.Equal((long[])[1, Capacity, Life], await AcquireAsync(Before, "of-the-dead", Capacity));

        // As long as a lease that was just taken.
        Assert.Equal((long[])[0, Capacity, Life], await AcquireAsync(After, "next", 1));
        Assert.Equal((long[])[0, Capacity, 1], await AcquireAsync(After + Life - 1, "next", 1));
        Assert.Equal((long[])[1, 1, Life], await AcquireAsync(After + Life, "next", 1));
    }

    [Fact]
    public async Task Lease_InUse_IsRenewedByTheNewClock()
    {
        RedisKey[] keys = [RedisKeys.NodeLeases("renewed"), RedisKeys.NodeReleases("renewed")];
        var acquire = Scripts.Text("acquire-lease.lua");
        await RunAsync(acquire, Before, [keys[0]], "lease", 1, Capacity, Life, RedisKeys.SlotsChannel, "renewed");

        var renewed = await RunAsync(Scripts.Text("renew-leases.lua"), After, keys, Capacity, Life, "lease", 1);

        Assert.Equal((1, Life, 1), (renewed[0], renewed[2], renewed[3]));
    }

    [Fact]
    public async Task CoolDown_ThatSeemsToLastForAnHour_IsOver()
    {
        RedisKey[] key = [RedisKeys.NodeFailures("cooling")];
        var count = Scripts.Text("count-failure.lua");
        Assert.Equal((1, 1000), await FailAsync(Before));

        Assert.Equal((2, 2000), await FailAsync(After));

        async Task<(long, long)> FailAsync(long now)
        {
            var answer = await RunAsync(count, now, key, 1000, Longest, 300_000, RedisKeys.CoolDownsChannel, "cooling", "node_lost");
            return (answer[0], answer[1]);
        }
    }

    // Without the version, which is the clock.
    private async Task<long[]> AcquireAsync(long now, string lease, int slots)
    {
        var answer = await RunAsync(
            Scripts.Text("acquire-lease.lua"), now, [RedisKeys.NodeLeases("dead")], lease, slots, Capacity, Life, RedisKeys.SlotsChannel, "dead");
        return [answer[0], answer[1], answer[3]];
    }

    private async Task<long[]> RunAsync(string script, long now, RedisKey[] keys, params RedisValue[] arguments) =>
        (long[])(await _redis.GetDatabase().ScriptEvaluateAsync(ScriptClock.At(script, now), keys, arguments))!;
}
