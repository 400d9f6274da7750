using ComputeShare.Billing.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Audit;

/// <summary>Audits from time to time, and says what it found: a log line, a metric, a degraded health while something is wrong.</summary>
internal sealed class AuditWorker(
    LedgerAudit audit, IOptions<AuditOptions> options, BillingTelemetry telemetry, TimeProvider clock, ILogger<AuditWorker> logger)
    : BackgroundService, IHealthCheck
{
    private volatile AuditReport? _last;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_last is { Differences: > 0 }
            ? HealthCheckResult.Degraded($"The last audit of the ledger found {_last.Differences} differences.")
            : HealthCheckResult.Healthy());

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var report = await audit.RunAsync(cancellationToken);
        _last = report;
        telemetry.Audited(report.Differences);
        if (report.Differences == 0)
        {
            AuditLog.Clean(logger);
        }
        else
        {
            AuditLog.Differences(logger, report.Total, report.UnbalancedTransactions, report.WrongBalances, report.WrongHelds);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, clock);
        do
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                AuditLog.Failed(logger, error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
