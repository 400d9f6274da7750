namespace ComputeShare.HosterNode.Membership;

/// <summary>Which gateways watch this node now, by their names. Safe for any thread.</summary>
internal sealed class GatewayWatches
{
    private readonly Lock _lock = new();
    private readonly List<Watch> _watches = [];
    private TaskCompletionSource _ended = NewSignal();

    /// <summary>Some gateway watches this node.</summary>
    public bool IsAny
    {
        get
        {
            lock (_lock)
            {
                return _watches.Count > 0;
            }
        }
    }

    /// <summary>Who they are.</summary>
    public IReadOnlyList<string> Gateways
    {
        get
        {
            lock (_lock)
            {
                return [.. _watches.Select(watch => watch.Gateway).Distinct()];
            }
        }
    }

    /// <summary>Completes when the next watch ends: its gateway says that the node is gone, so the others must hear that it is not.</summary>
    public Task Ended => Volatile.Read(ref _ended).Task;

    /// <summary>A watch lasts until the result is disposed.</summary>
    public IDisposable Begin(string gateway)
    {
        var watch = new Watch(this, gateway);
        lock (_lock)
        {
            _watches.Add(watch);
        }

        return watch;
    }

    /// <summary>Ends with one of the gateway's watches; has ended where there is none.</summary>
    public Task EndOf(string gateway)
    {
        lock (_lock)
        {
            return _watches.Find(watch => watch.Gateway == gateway)?.End ?? Task.CompletedTask;
        }
    }

    private void Remove(Watch watch)
    {
        lock (_lock)
        {
            _watches.Remove(watch);
        }

        Interlocked.Exchange(ref _ended, NewSignal()).TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Watch(GatewayWatches watches, string gateway) : IDisposable
    {
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Gateway => gateway;

        public Task End => _end.Task;

        public void Dispose()
        {
            watches.Remove(this);
            _end.TrySetResult();
        }
    }
}
