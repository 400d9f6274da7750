using System.Globalization;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Queueing;
using ComputeShare.Scheduler.Redis;
using ComputeShare.ServiceDefaults.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Leases;

/// <summary>
/// Slots of nodes, taken and given back by one atomic script each; the scripts' own comments say what holds. What they answer also
/// brings this Scheduler's <see cref="SlotView"/> of the node up to date.
/// </summary>
internal sealed class LeaseStore(
    RedisScripts scripts, SlotViews slotViews, NodeRegistry registry, CapacitySignal capacity, IOptions<LeaseOptions> options)
{
    private const int UnknownCapacity = 0;

    private static readonly RedisScript Acquire = RedisScript.Embedded<LeaseStore>("acquire-lease.lua");
    private static readonly RedisScript GiveBack = RedisScript.Embedded<LeaseStore>("release-leases.lua");
    private static readonly RedisScript Renew = RedisScript.Embedded<LeaseStore>("renew-leases.lua");

    private readonly LeaseReleases _releases = new();

    public TimeSpan Life => options.Value.Life;

    /// <summary>Takes all slots of the lease, or none. Taking a lease again that is held renews it.</summary>
    /// <exception cref="RedisUnavailableException">The lease may be held or not.</exception>
    public async Task<bool> TryAcquireAsync(LeaseId lease, string nodeId, uint slotsOfNode)
    {
        var answer = await scripts.RunAsync(
            Acquire, RedisKeys.NodeLeases(nodeId), lease.Value, Text(lease.Slots), Text(slotsOfNode), LifeMs, RedisKeys.SlotsChannel, nodeId);
        Hear(nodeId, answer.AsSpan(1));
        return answer[0] == 1;
    }

    /// <summary>Gives back what the lease still holds, together with others that are given back now.</summary>
    /// <exception cref="RedisUnavailableException">The lease ends by itself after its life.</exception>
    public Task ReleaseAsync(LeaseId lease, string nodeId) => _releases.AddAsync(lease, nodeId, ReleaseNodeAsync);

    /// <summary>Renews leases of any nodes: one script per node, all sent together.</summary>
    /// <returns>The leases that are gone and could not be taken again.</returns>
    /// <exception cref="RedisUnavailableException">Some may be renewed.</exception>
    public async Task<IReadOnlyList<LeaseId>> RenewAsync(IEnumerable<(LeaseId Lease, string NodeId)> leases)
    {
        var lost = await Task.WhenAll(leases
            .GroupBy(entry => entry.NodeId, entry => entry.Lease, StringComparer.Ordinal)
            .Select(node => RenewNodeAsync(node.Key, [.. node])));
        return [.. lost.SelectMany(leasesOfNode => leasesOfNode)];
    }

    private async Task ReleaseNodeAsync(string nodeId, IReadOnlyList<LeaseId> leases) =>
        Hear(nodeId, await scripts.RunAsync(
            GiveBack, KeysOf(nodeId),
            [Text(SlotsOf(nodeId)), Text(LeaseId.MaxSlots), LifeMs, RedisKeys.SlotsChannel, nodeId, .. Arguments(leases)]));

    private async Task<IEnumerable<LeaseId>> RenewNodeAsync(string nodeId, LeaseId[] leases)
    {
        string[] arguments = [Text(SlotsOf(nodeId)), LifeMs, .. Arguments(leases)];
        var answer = await scripts.RunAsync(Renew, KeysOf(nodeId), arguments);
        Hear(nodeId, answer.AsSpan(0, 3));
        return leases.Where((_, i) => answer[3 + i] == 0);
    }

    private static RedisKey[] KeysOf(string nodeId) => [RedisKeys.NodeLeases(nodeId), RedisKeys.NodeReleases(nodeId)];

    private static IEnumerable<string> Arguments(IEnumerable<LeaseId> leases) =>
        leases.SelectMany(lease => (string[])[lease.Value, Text(lease.Slots)]);

    private string LifeMs => Text((long)Life.TotalMilliseconds);

    private long SlotsOf(string nodeId) => registry.Index.Nodes.GetValueOrDefault(nodeId)?.Slots ?? UnknownCapacity;

    // Taken, version, milliseconds until the first lease ends: as all scripts tell it.
    private void Hear(string nodeId, ReadOnlySpan<long> state)
    {
        var now = registry.Now;
        if (slotViews.Find(nodeId)?.Hear((int)state[0], state[1], now, now + TimeSpan.FromMilliseconds(state[2])) == true)
        {
            registry.Unpark(nodeId);
            capacity.Raise();
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
