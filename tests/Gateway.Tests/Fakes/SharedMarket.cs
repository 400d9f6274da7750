using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Fakes;

/// <summary>One market for all tests of a class, which leave it as they found it.</summary>
public sealed class SharedMarket(RedisServer redis) : IAsyncLifetime
{
    internal Market Market { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Market = await Market.StartAsync(redis);

    public ValueTask DisposeAsync() => Market.DisposeAsync();
}
