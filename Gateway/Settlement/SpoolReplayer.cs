using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Settlement;

/// <summary>Sends spooled settlements again until Billing has answered them.</summary>
internal sealed class SpoolReplayer(
    SettlementSpool spool,
    Settler settler,
    IOptions<SettlementOptions> options,
    TimeProvider clock,
    ILogger<SpoolReplayer> logger) : BackgroundService
{
    private const int MostFailures = 3;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ReplayEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await ReplayAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops; what waits stays on disk.
        }
    }

    private async Task ReplayAsync(CancellationToken cancellationToken)
    {
        try
        {
            var failures = 0;
            foreach (var settle in spool.Waiting())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!await settler.TrySettleAsync(settle))
                {
                    // Another account's may go to another replica; several in a row mean that Billing is away.
                    if (++failures == MostFailures)
                    {
                        return;
                    }

                    continue;
                }

                failures = 0;
                spool.Remove(settle);
                SettlementLog.Replayed(logger, settle.RequestId);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            SettlementLog.SpoolFailed(logger, error);
        }
    }
}
