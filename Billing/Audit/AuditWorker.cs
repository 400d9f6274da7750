using ComputeShare.Billing.Telemetry;
using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Audit;

/// <summary>Audits from time to time, and says what it found: a log line, a metric, a degraded health while something is wrong.</summary>
internal sealed class AuditWorker(
    LedgerAudit audit, IOptions<AuditOptions> options, BillingTelemetry telemetry, TimeProvider clock, ILogger<AuditWorker> logger)
    : PeriodicWorker(options.Value.Interval, clock, logger), IHealthCheck
{
    private volatile AuditReport? _last;

    protected override bool StartsAtOnce => true;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_last is { Differences: > 0 }
            ? HealthCheckResult.Degraded($"The last audit of the ledger found {_last.Differences} differences.")
            : HealthCheckResult.Healthy());

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var report = await audit.RunAsync(cancellationToken);
        _last = report;
        telemetry.Audited(report.Differences);
        if (report.Differences == 0)
        {
            AuditLog.Clean(Logger);
        }
        else
        {
            AuditLog.Differences(Logger, report.Total, report.UnbalancedTransactions, report.WrongBalances, report.WrongHelds, report.WrongSums);
        }
    }
}
