using System.Collections.Concurrent;
using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Gateway.Scheduling;

/// <summary>The leases of this gateway's open requests, and the round in which they are renewed.</summary>
internal sealed class LeasesInUse
{
    private readonly ConcurrentDictionary<string, LeaseRef> _leases = new();

    private volatile Task _renewal = Task.CompletedTask;

    public void Add(Reserved lease) => _leases[lease.LeaseId] = new LeaseRef { LeaseId = lease.LeaseId, NodeId = lease.NodeId };

    /// <summary>
    /// The lease is in no later renewal. Its release must wait for the returned one, which may hold it: several Schedulers know no common
    /// order, and a renewal that comes after the release takes the slot again.
    /// </summary>
    /// <returns>Ends with the renewal that is under way; never fails.</returns>
    public Task Remove(string leaseId)
    {
        _leases.TryRemove(leaseId, out _);
        return _renewal;
    }

    /// <summary>Calls <paramref name="renew"/> with all leases, unless there are none. One at a time.</summary>
    public async Task RenewAsync(Func<ICollection<LeaseRef>, Task> renew)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Before the leases are read: what is removed later than that finds this renewal.
        _renewal = ended.Task;
        try
        {
            if (_leases.Values is { Count: > 0 } leases)
            {
                await renew(leases);
            }
        }
        finally
        {
            ended.SetResult();
        }
    }
}
