using ComputeShare.HosterNode.Membership;
using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Reporting;

/// <summary>Asks a gateway from time to time what the hoster has earned.</summary>
internal sealed class EarningsMonitor(IOptions<MembershipOptions> options, GatewayTrust trust, TimeProvider clock, ILogger<EarningsMonitor> logger)
    : PeriodicWorker(Period, clock, logger)
{
    // Seldom enough for a gateway with many nodes, often enough to watch the first token being paid.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(15);

    private HosterApi? _hoster;
    private volatile EarningStatus? _current;

    /// <summary>As last told; null: not yet.</summary>
    public EarningStatus? Current => _current;

    protected override bool StartsAtOnce => true;

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Gateways.Count == 0)
        {
            return;
        }

        _hoster ??= new HosterApi(new Uri(options.Value.Gateways[0]), options.Value.HosterKey, trust);
        var today = DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime);
        _current = await _hoster.EarningsAsync(today, cancellationToken) ?? _current;
    }

    public override void Dispose()
    {
        _hoster?.Dispose();
        base.Dispose();
    }
}
