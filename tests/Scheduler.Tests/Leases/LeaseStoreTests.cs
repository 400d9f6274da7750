using ComputeShare.Scheduler.Leases;
using ComputeShare.Scheduler.Redis;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Scheduler.Tests.Leases;

[Trait("Category", "Integration")]
public sealed class LeaseStoreTests(RedisServer redis) : IClassFixture<RedisServer>, IAsyncDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly LeaseClient _client = new(redis.ConnectionString, Long);
    private readonly string _node = $"node-{TestContext.Current.Test!.UniqueID}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Fact]
    public async Task Acquire_UpToTheCapacity_ThenRefused()
    {
        Assert.True(await AcquireAsync(LeaseClient.NewLease(3)));
        Assert.False(await AcquireAsync(LeaseClient.NewLease(2)));
        Assert.True(await AcquireAsync(LeaseClient.NewLease()));
        Assert.False(await AcquireAsync(LeaseClient.NewLease()));
        Assert.Equal(4, await _client.MembersAsync(_node));
    }

    [Fact]
    public async Task Acquire_SameLeaseAgain_TakesNothingMore()
    {
        var lease = LeaseClient.NewLease(4);

        Assert.True(await AcquireAsync(lease));
        Assert.True(await AcquireAsync(lease));
        Assert.Equal(4, await _client.MembersAsync(_node));
    }

    [Fact]
    public async Task Release_Twice_GivesBackOnce()
    {
        var (lease, other) = (LeaseClient.NewLease(2), LeaseClient.NewLease(2));
        await AcquireAsync(lease);
        await AcquireAsync(other);

        await _client.Store.ReleaseAsync(lease, _node);
        await _client.Store.ReleaseAsync(lease, _node);

        Assert.Equal(2, await _client.MembersAsync(_node));
    }

    [Fact]
    public async Task Acquire_OnAFullNodeWhoseLeaseExpired_TakesItsSlots()
    {
        var dead = LeaseClient.NewLease(4);
        await AcquireAsync(dead);
        await _client.ExpireAsync(dead, _node);

        Assert.True(await AcquireAsync(LeaseClient.NewLease(4)));
        Assert.Equal(4, await _client.MembersAsync(_node));
    }

    [Fact]
    public async Task Lease_NotRenewed_EndsByRedisClock()
    {
        await using var shortLived = new LeaseClient(redis.ConnectionString, TimeSpan.FromMilliseconds(60));
        Assert.True(await shortLived.Store.TryAcquireAsync(LeaseClient.NewLease(4), _node, 4));

        // The key lives as long as its last lease: nothing but Redis removes it here.
        await Poll.UntilAsync("the lease is gone", async () => await _client.MembersAsync(_node) == 0, Limit, Token);

        Assert.True(await AcquireAsync(LeaseClient.NewLease(4)));
    }

    [Fact]
    public async Task Acquire_KeyWithSeveralLeases_LivesAsLongAsTheLast()
    {
        await using var shortLived = new LeaseClient(redis.ConnectionString, TimeSpan.FromMilliseconds(60));
        await AcquireAsync(LeaseClient.NewLease());
        await shortLived.Store.TryAcquireAsync(LeaseClient.NewLease(), _node, 4);

        var life = await (await _client.DatabaseAsync()).KeyTimeToLiveAsync(RedisKeys.NodeLeases(_node));

        Assert.InRange(life!.Value, Long - TimeSpan.FromMinutes(1), Long);
    }

    [Fact]
    public async Task Renew_HeldLease_BeginsItsLifeAnew()
    {
        await using var shortLived = new LeaseClient(redis.ConnectionString, TimeSpan.FromSeconds(30));
        var lease = LeaseClient.NewLease();
        await shortLived.Store.TryAcquireAsync(lease, _node, 4);

        Assert.Empty(await _client.Store.RenewAsync([(lease, _node)]));

        var end = await (await _client.DatabaseAsync()).KeyTimeToLiveAsync(RedisKeys.NodeLeases(_node));
        Assert.True(end > TimeSpan.FromMinutes(4), $"Ends in {end}.");
    }

    [Fact]
    public async Task Renew_GoneLeases_AreTakenAgainWhereThereIsRoomElseLost()
    {
        var (held, small, large) = (LeaseClient.NewLease(), LeaseClient.NewLease(2), LeaseClient.NewLease(2));
        _client.Know(_node, 4);
        await AcquireAsync(held);

        var lost = await _client.Store.RenewAsync([(small, _node), (large, _node), (held, _node)]);

        Assert.Equal([large], lost);
        Assert.Equal(3, await _client.MembersAsync(_node));
    }

    [Fact]
    public async Task Renew_OfALeaseThatWasReleased_DoesNotTakeItAgain()
    {
        var lease = LeaseClient.NewLease();
        _client.Know(_node, 4);
        await AcquireAsync(lease);
        await _client.Store.ReleaseAsync(lease, _node);

        // A renewal that was on its way when the request ended.
        Assert.Equal([lease], await _client.Store.RenewAsync([(lease, _node)]));

        Assert.Equal(0, await _client.MembersAsync(_node));
    }

    [Fact]
    public async Task Renew_NodeUnknownHere_KeepsTheHeldAndLosesTheGone()
    {
        var (held, gone) = (LeaseClient.NewLease(), LeaseClient.NewLease());
        await AcquireAsync(held);

        Assert.Equal([gone], await _client.Store.RenewAsync([(held, _node), (gone, _node)]));
    }

    [Fact]
    public async Task Renew_ManyNodes_AnswersForEach()
    {
        var leases = Enumerable.Range(0, 50).Select(i => (LeaseClient.NewLease(), $"{_node}-{i}")).ToArray();
        foreach (var (lease, node) in leases.Take(25))
        {
            Assert.True(await _client.Store.TryAcquireAsync(lease, node, 1));
        }

        var lost = await _client.Store.RenewAsync(leases);

        Assert.Equal(leases.Skip(25).Select(entry => entry.Item1).ToHashSet(), [.. lost]);
    }

    [Fact]
    public async Task Scripts_RedisForgotThem_AreSentAgain()
    {
        await AcquireAsync(LeaseClient.NewLease());
        await (await _client.DatabaseAsync()).ExecuteAsync("SCRIPT", "FLUSH");

        Assert.True(await AcquireAsync(LeaseClient.NewLease()));
    }

    [Fact]
    public async Task Acquire_FullNode_IsKnownAsFullAfterwards()
    {
        var view = _client.SlotViews.Of(_node);
        var lease = LeaseClient.NewLease(4);
        await AcquireAsync(lease);

        Assert.Equal(4, view.Taken);
        await _client.Store.ReleaseAsync(lease, _node);
        Assert.Equal(0, view.Taken);
    }

    private Task<bool> AcquireAsync(LeaseId lease) => _client.Store.TryAcquireAsync(lease, _node, 4);
}
