namespace ComputeShare.Scheduler.Leases;

/// <summary>
/// Leases of one node that are given back together, as gateways say several at once: what is added in one turn of the thread pool leaves in one script.
/// </summary>
internal sealed class LeaseReleases
{
    // Keeps a script short enough that what waits behind it in Redis is not late.
    private const int MostOfOneScript = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Group> _open = new(StringComparer.Ordinal);

    /// <param name="release">Gives back leases of one node.</param>
    /// <returns>As <paramref name="release"/> ends for the group that the lease is in.</returns>
    public Task AddAsync(LeaseId lease, string nodeId, Func<string, IReadOnlyList<LeaseId>, Task> release)
    {
        lock (_lock)
        {
            if (!_open.TryGetValue(nodeId, out var group) || group.Leases.Count >= MostOfOneScript)
            {
                group = new Group();
                _open[nodeId] = group;
                group.Released = ReleaseAsync(nodeId, group, release);
            }

            group.Leases.Add(lease);
            return group.Released;
        }
    }

    private async Task ReleaseAsync(string nodeId, Group group, Func<string, IReadOnlyList<LeaseId>, Task> release)
    {
        await Task.Yield();
        lock (_lock)
        {
            if (_open.GetValueOrDefault(nodeId) == group)
            {
                _open.Remove(nodeId);
            }
        }

        await release(nodeId, group.Leases);
    }

    private sealed class Group
    {
        public List<LeaseId> Leases { get; } = [];

        public Task Released { get; set; } = Task.CompletedTask;
    }
}
