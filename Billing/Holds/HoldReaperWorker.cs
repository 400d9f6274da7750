using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Holds;

/// <summary>Sends the reaper round from time to time, whatever became of its last round.</summary>
internal sealed class HoldReaperWorker(HoldReaper reaper, IOptions<HoldOptions> options, TimeProvider clock, ILogger<HoldReaper> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ReapInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await reaper.ReapAsync(stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                HoldLog.ReapFailed(logger, error);
            }
        }
    }
}
