using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Escrow;

internal sealed class RollUpWorker(RollUp rollUp, IOptions<EscrowOptions> options, TimeProvider clock, ILogger<RollUpWorker> logger)
    : PeriodicWorker(options.Value.RollUpInterval, clock, logger)
{
    public override Task RunOnceAsync(CancellationToken cancellationToken) => rollUp.RunAsync(RollUp.Lag, cancellationToken);
}
