using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Escrow;

internal sealed class EscrowWorker(Clearing clearing, IOptions<EscrowOptions> options, TimeProvider clock, ILogger<EscrowWorker> logger)
    : PeriodicWorker(options.Value.Interval, clock, logger)
{
    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (await clearing.ClearAsync(cancellationToken) is > 0 and var hosters)
        {
            EscrowLog.Cleared(Logger, hosters);
        }
    }
}
