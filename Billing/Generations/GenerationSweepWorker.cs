using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Generations;

internal sealed class GenerationSweepWorker(
    GenerationSweep sweep, IOptions<RetentionOptions> options, TimeProvider clock, ILogger<GenerationSweepWorker> logger)
    : PeriodicWorker(options.Value.Interval, clock, logger)
{
    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (await sweep.SweepAsync(cancellationToken) is > 0 and var removed)
        {
            GenerationLog.Swept(Logger, removed);
        }
    }
}
