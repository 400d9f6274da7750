using ComputeShare.ServiceDefaults.Redis;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;
using StackExchange.Redis;

namespace ComputeShare.ServiceDefaults.Tests.Redis;

[Trait("Category", "Integration")]
public sealed class RedisScriptTests(RedisServer server) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private static readonly RedisScript Count = RedisScript.Embedded<RedisScriptTests>("count.lua");

    private ConnectionMultiplexer _redis = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        await server.FlushAsync();
    }

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public async Task Script_ThatRedisDoesNotKnow_RunsOnce() => Assert.Equal(1, await RunAsync());

    [Fact]
    public async Task Script_AfterTheScriptsWereFlushed_RunsOnce()
    {
        await RunAsync();
        await _redis.GetServers().Single().ScriptFlushAsync();

        Assert.Equal(2, await RunAsync());
    }

    [Fact]
    public async Task Script_AfterARestart_RunsOnce()
    {
        await RunAsync();
        await server.RestartAsync(TestContext.Current.CancellationToken);
        await Poll.UntilAsync(
            "the connection is back",
            async () =>
            {
                try
                {
                    await _redis.GetDatabase().PingAsync();
                    return true;
                }
                catch (Exception error) when (error is RedisException or TimeoutException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(20),
            TestContext.Current.CancellationToken);

        Assert.Equal(1, await RunAsync());
    }

    [Fact]
    public async Task Script_ThatFails_IsNotRunAgain()
    {
        await Assert.ThrowsAsync<RedisServerException>(() => RunAsync("fail"));

        Assert.Equal(2, await RunAsync());
    }

    [Fact]
    public void Script_ThatIsNotEmbedded_IsNamed()
    {
        var error = Assert.Throws<InvalidOperationException>(() => RedisScript.Embedded<RedisScript>("count.lua"));

        Assert.Equal("count.lua is not embedded in ComputeShare.ServiceDefaults.", error.Message);
    }

    private async Task<long> RunAsync(string argument = "") => (long)await Count.RunAsync(_redis.GetDatabase(), ["count"], [argument]);
}
