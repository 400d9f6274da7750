namespace ComputeShare.HosterNode.Slots;

/// <summary>
/// Drains the node as soon as the process is told to stop, before the web server closes its doors: watchers learn of it first.
/// </summary>
internal sealed class DrainOnStop(SlotTable slots, IHostApplicationLifetime lifetime, ILogger<DrainOnStop> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(Drain);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Drain()
    {
        // Its owner may have drained it already, and said so.
        var isKnown = slots.Read().Draining;
        var running = slots.Drain();
        if (!isKnown)
        {
            HosterNodeLog.Draining(log, running);
        }
    }
}
