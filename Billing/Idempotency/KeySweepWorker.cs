using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Idempotency;

/// <summary>Sends the sweep round from time to time, whatever became of its last round.</summary>
internal sealed class KeySweepWorker(KeySweep sweep, IOptions<IdempotencyOptions> options, TimeProvider clock, ILogger<KeySweep> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await sweep.RunAsync(stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                IdempotencyLog.SweepFailed(logger, error);
            }
        }
    }
}
