using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Idempotency;

internal sealed class KeySweepWorker(KeySweep sweep, IOptions<IdempotencyOptions> options, TimeProvider clock, ILogger<KeySweepWorker> logger)
    : PeriodicWorker(options.Value.SweepInterval, clock, logger)
{
    public override Task RunOnceAsync(CancellationToken cancellationToken) => sweep.RunAsync(cancellationToken);
}
