using ComputeShare.Billing.Persistence;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Generations;

/// <summary>Sweeps from time to time, whatever became of the last time.</summary>
internal sealed class GenerationSweepWorker(
    GenerationSweep sweep, IOptions<RetentionOptions> options, TimeProvider clock, ILogger<GenerationSweepWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await sweep.SweepAsync(stoppingToken) is > 0 and var removed)
                {
                    GenerationLog.Swept(logger, removed);
                }
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested && DatabaseFaults.IsOfTheDatabase(error))
            {
                GenerationLog.SweepFailed(logger, error);
            }
        }
    }
}
