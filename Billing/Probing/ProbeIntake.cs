using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Billing.Telemetry;
using ComputeShare.Billing.Verdicts;
using ComputeShare.Contracts.Billing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Probing;

/// <summary>
/// Keeps what probes showed of nodes (docs/probes.md). Several gateways report at once: a node's rows are the lock, taken in the order of
/// their keys.
/// </summary>
internal sealed class ProbeIntake(
    IDbContextFactory<BillingDbContext> database,
    BillingTelemetry telemetry,
    IOptions<ProbingOptions> options,
    TimeProvider clock,
    ILogger<ProbeIntake> logger)
    : ReportIntake<ProbeResult, NodeProbesRow>(database)
{
    protected override string NodeOf(ProbeResult report) => report.NodeId;

    protected override string ModelOf(ProbeResult report) => report.ModelId;

    protected override FormattableString InsertMissing(string[] nodes, string[] models) =>
        $"""
        INSERT INTO node_probes (node_id, model_id, probes, compared, suspicious, window_probes, window_suspicious, window_differing, window_empty,
            window_held_back, window_repeated, last_reasons, found, found_in_row)
        SELECT DISTINCT n.id, r.model_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, ARRAY[]::text[], 0, 0
        FROM unnest({nodes}, {models}) AS r(node_id, model_id) JOIN nodes n ON n.id = r.node_id
        ORDER BY 1, 2
        ON CONFLICT DO NOTHING
        """;

    protected override FormattableString LockInOrder(string[] nodes) =>
        $"SELECT * FROM node_probes WHERE node_id = ANY({nodes}) ORDER BY node_id, model_id FOR UPDATE";

    protected override Verdict Add(NodeProbesRow row, ProbeResult report) => ProbeVerdicts.Add(row, report, options.Value, clock.GetUtcNow());

    protected override void Tell(NodeProbesRow row, Verdict verdict)
    {
        switch (verdict)
        {
            case Verdict.Found:
                telemetry.ProbesFound("found");
                ProbingLog.Found(logger, row.NodeId, row.ModelId, row.LastPercent ?? 0, string.Join(", ", row.LastReasons), row.FoundInRow);
                break;
            case Verdict.Barred:
                telemetry.ProbesFound("barred");
                ProbingLog.Barred(logger, row.NodeId, row.ModelId, row.LastPercent ?? 0, string.Join(", ", row.LastReasons), row.FoundInRow);
                break;
        }
    }
}
