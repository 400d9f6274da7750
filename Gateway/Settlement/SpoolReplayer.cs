using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Settlement;

/// <summary>Sends spooled settlements again until Billing has answered them.</summary>
internal sealed class SpoolReplayer(
    SettlementSpool spool,
    Settler settler,
    IOptions<SettlementOptions> options,
    TimeProvider clock,
    ILogger<SpoolReplayer> logger)
    : PeriodicWorker(options.Value.ReplayEvery, clock, logger)
{
    private const int MostFailures = 3;

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
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
                SettlementLog.Replayed(Logger, settle.RequestId);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            SettlementLog.SpoolFailed(Logger, error);
        }
    }
}
