using System.Collections.Concurrent;
using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Gateway.Scheduling;

/// <summary>The leases of this gateway's open requests.</summary>
internal sealed class LeasesInUse
{
    private readonly ConcurrentDictionary<string, LeaseRef> _leases = new();

    public void Add(Reserved lease) => _leases[lease.LeaseId] = new LeaseRef { LeaseId = lease.LeaseId, NodeId = lease.NodeId };

    public void Remove(string leaseId) => _leases.TryRemove(leaseId, out _);

    public ICollection<LeaseRef> All => _leases.Values;
}
