using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Partitions;

internal sealed class PartitionWorker(
    PartitionMaker partitions, IOptions<PartitionOptions> options, TimeProvider clock, ILogger<PartitionWorker> logger)
    : PeriodicWorker(options.Value.Interval, clock, logger)
{
    protected override bool StartsAtOnce => true;

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var report = await partitions.MakeAsync(cancellationToken);
        foreach (var partition in report.Made)
        {
            PartitionLog.Made(Logger, partition);
        }

        if (report.Strays > 0)
        {
            PartitionLog.Strays(Logger, report.Strays);
        }
    }
}
