using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Generations;

internal sealed class GenerationSweepWorker(
    GenerationSweep sweep, IOptions<RetentionOptions> options, TimeProvider clock, ILogger<GenerationSweepWorker> logger)
    : PeriodicWorker(options.Value.Interval, clock, logger)
{
    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var swept = await sweep.SweepAsync(cancellationToken);
        if ((swept.Months.Count > 0 || swept.Records > 0) && Logger.IsEnabled(LogLevel.Information))
        {
            var months = string.Join(", ", swept.Months);
            GenerationLog.Swept(Logger, months, swept.Records);
        }
    }
}
