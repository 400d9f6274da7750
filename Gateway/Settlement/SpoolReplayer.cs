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
            foreach (var settle in spool.Waiting())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!await settler.TrySettleAsync(settle))
                {
                    return;
                }

                spool.Remove(settle);
                SettlementLog.Replayed(logger, settle.RequestId);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or Google.Protobuf.InvalidProtocolBufferException)
        {
            SettlementLog.SpoolFailed(logger, error);
        }
    }
}
