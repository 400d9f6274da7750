namespace ComputeShare.Scheduler.Leases;

/// <summary>
/// Leases of one node that are given back together, as gateways say several at once: what is added in one turn of the thread pool leaves in one script.
/// </summary>
internal sealed class LeaseReleases
{
    // Keeps a script short enough that what waits behind it in Redis is not late.
    private const int MostOfOneScript = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (List<LeaseId> Leases, Task Released)> _open = new(StringComparer.Ordinal);

    /// <param name="release">Gives back leases of one node.</param>
    /// <returns>As <paramref name="release"/> ends for the group that the lease is in.</returns>
    public Task AddAsync(LeaseId lease, string nodeId, Func<string, IReadOnlyList<LeaseId>, Task> release)
    {
        lock (_lock)
        {
            if (!_open.TryGetValue(nodeId, out var group) || group.Leases.Count >= MostOfOneScript)
            {
                var leases = new List<LeaseId>();
                _open[nodeId] = group = (leases, ReleaseAsync(nodeId, leases, release));
            }

            group.Leases.Add(lease);
            return group.Released;
        }
    }

    private async Task ReleaseAsync(string nodeId, List<LeaseId> leases, Func<string, IReadOnlyList<LeaseId>, Task> release)
    {
        await Task.Yield();
        lock (_lock)
        {
            if (_open.GetValueOrDefault(nodeId).Leases == leases)
            {
                _open.Remove(nodeId);
            }
        }

        await release(nodeId, leases);
    }
}
