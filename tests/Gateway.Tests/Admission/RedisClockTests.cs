using ComputeShare.Gateway.Admission;
using ComputeShare.TestSupport.Servers;
using StackExchange.Redis;

namespace ComputeShare.Gateway.Tests.Admission;

/// <summary>Redis' clock is set back, by an hour: nobody waits for it to catch up.</summary>
[Trait("Category", "Integration")]
public sealed class RedisClockTests(RedisServer server) : IAsyncLifetime
{
    private const long Before = ScriptClock.Start;
    private const long After = Before - 3_600_000;
    private const int EntryLife = 30_000;
    private const int PerMinute = 60;
    private const int OneAtOnce = 1;
    private const int NoLimit = 0;
    private static int _accounts;

    private readonly string _account = $"set-back-{Interlocked.Increment(ref _accounts)}";
    private ConnectionMultiplexer _redis = null!;

    public async ValueTask InitializeAsync() => _redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public async Task Bucket_ThatIsEmpty_FillsByTheNewClock()
    {
        for (var request = 0; request < PerMinute; request++)
        {
            Assert.Equal("admitted", await AdmitAsync(Before, $"r{request}", NoLimit, PerMinute));
        }

        Assert.Equal("requests", await AdmitAsync(After, "refused", NoLimit, PerMinute));
        Assert.Equal("requests", await AdmitAsync(After + 999, "refused", NoLimit, PerMinute));
        Assert.Equal("admitted", await AdmitAsync(After + 1000, "next", NoLimit, PerMinute));
    }

    [Fact]
    public async Task RunningRequest_OfADeadGateway_CountsForALifeAfterItIsNextMet()
    {
        Assert.Equal("admitted", await AdmitAsync(Before, "of-the-dead", OneAtOnce, NoLimit));

        Assert.Equal("parallel", await AdmitAsync(After, "refused", OneAtOnce, NoLimit));
        Assert.Equal("parallel", await AdmitAsync(After + EntryLife - 1, "refused", OneAtOnce, NoLimit));
        Assert.Equal("admitted", await AdmitAsync(After + EntryLife, "next", OneAtOnce, NoLimit));
    }

    private async Task<string> AdmitAsync(long now, string request, int parallel, int perMinute)
    {
        using var stream = typeof(AdmissionGate).Assembly.GetManifestResourceStream("admit.lua")!;
        using var reader = new StreamReader(stream);
        var script = ScriptClock.At(await reader.ReadToEndAsync(TestContext.Current.CancellationToken), now);
        RedisValue[] arguments = [request, EntryLife, 1, 0, parallel, perMinute, NoLimit, NoLimit, NoLimit, NoLimit];
        var answer = await _redis.GetDatabase().ScriptEvaluateAsync(script, AdmissionKeys.Of(_account, "key"), arguments);
        return (string)((RedisResult[])answer!)[0]!;
    }
}
