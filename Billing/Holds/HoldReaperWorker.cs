using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Holds;

/// <summary>Sends the reaper round from time to time.</summary>
internal sealed class HoldReaperWorker(HoldReaper reaper, IOptions<HoldOptions> options, TimeProvider clock, ILogger<HoldReaperWorker> logger)
    : PeriodicWorker(options.Value.ReapInterval, clock, logger)
{
    public override Task RunOnceAsync(CancellationToken cancellationToken) => reaper.ReapAsync(cancellationToken);
}
