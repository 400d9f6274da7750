using ComputeShare.Scheduler.Leases;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Queueing;
using ComputeShare.Scheduler.Redis;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Tests.Leases;

/// <summary>One Scheduler's lease store with a connection of its own, and a look behind it.</summary>
internal sealed class LeaseClient : IAsyncDisposable
{
    private readonly RedisConnection _connection;
    private readonly NodeRegistry _registry;

    public LeaseClient(string redis, TimeSpan life)
    {
        _connection = new RedisConnection(Options.Create(new RedisOptions { ConnectionString = redis, CommandTimeout = TimeSpan.FromSeconds(10) }), NullLogger<RedisConnection>.Instance);
        SlotViews = Reports.SlotViews();
        _registry = Reports.Registry(TimeProvider.System, slotViews: SlotViews);
        Store = new LeaseStore(
            new RedisScripts(_connection), SlotViews, _registry, new CapacitySignal(), Options.Create(new LeaseOptions { Life = life }));
    }

    public LeaseStore Store { get; }

    public SlotViews SlotViews { get; }

    public static LeaseId NewLease(int slots = 1) => LeaseId.New(slots, TimeProvider.System);

    /// <summary>Makes the node's slots known, as renewing needs them.</summary>
    public void Know(string nodeId, uint slots) => _registry.Apply(Reports.Of(nodeId, slots: slots), TimeSpan.FromMinutes(5));

    public async Task<IDatabase> DatabaseAsync() => await _connection.GetDatabaseAsync();

    /// <summary>Members as they stand in Redis, swept or not.</summary>
    public async Task<long> MembersAsync(string nodeId) => await (await DatabaseAsync()).SortedSetLengthAsync(RedisKeys.NodeLeases(nodeId));

    /// <summary>Lets a lease end now, without waiting for it.</summary>
    public async Task ExpireAsync(LeaseId lease, string nodeId)
    {
        var database = await DatabaseAsync();
        for (var i = 1; i <= lease.Slots; i++)
        {
            await database.SortedSetAddAsync(RedisKeys.NodeLeases(nodeId), $"{lease.Value}#{i}", 1, When.Exists);
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
