using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Metering;

/// <summary>Keeps up with the catalogue; reads its tokenizers at the start, so that no request waits for them.</summary>
internal sealed class MeterRefresher(ModelMeters meters, IOptions<MeteringOptions> options, TimeProvider clock, ILogger<MeterRefresher> logger)
    : PeriodicWorker(options.Value.RefreshEvery, clock, logger)
{
    protected override bool StartsAtOnce => true;

    public override Task RunOnceAsync(CancellationToken cancellationToken) => meters.RefreshAsync(cancellationToken);
}
