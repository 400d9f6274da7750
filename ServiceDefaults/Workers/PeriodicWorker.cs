using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ComputeShare.ServiceDefaults.Workers;

/// <summary>
/// Does one piece of work from time to time, never two rounds at once, until the service stops. A round that fails is logged and the
/// next one tries again: work of this kind must not end the service.
/// </summary>
public abstract class PeriodicWorker(TimeSpan period, TimeProvider clock, ILogger logger) : BackgroundService
{
    protected ILogger Logger { get; } = logger;

    protected TimeProvider Clock { get; } = clock;

    /// <summary>The first round comes with the start; else after the first period.</summary>
    protected virtual bool StartsAtOnce => false;

    public abstract Task RunOnceAsync(CancellationToken cancellationToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, Clock);
        var due = StartsAtOnce || await IsDueAsync(timer, stoppingToken);
        while (due)
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                WorkerLog.RoundFailed(Logger, GetType().Name, error);
            }

            due = await IsDueAsync(timer, stoppingToken);
        }
    }

    private static async ValueTask<bool> IsDueAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The service stops: no failure of this worker.
            return false;
        }
    }
}
