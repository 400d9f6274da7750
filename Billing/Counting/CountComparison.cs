using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Billing.Telemetry;
using ComputeShare.Billing.Verdicts;
using ComputeShare.Contracts.Billing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Counting;

/// <summary>
/// Keeps how nodes' own token counts compare with the gateways' (DESIGN.md §6). No money depends on it: what is paid is what the gateway
/// counted. Several gateways report at once: the node's row is the lock, taken in the order of the ids.
/// </summary>
internal sealed class CountComparison(
    IDbContextFactory<BillingDbContext> database,
    BillingTelemetry telemetry,
    IOptions<CountingOptions> options,
    TimeProvider clock,
    ILogger<CountComparison> logger)
    : ReportIntake<NodeCounts, NodeCountsRow>(database)
{
    protected override string NodeOf(NodeCounts report) => report.NodeId;

    protected override string ModelOf(NodeCounts report) => report.ModelId;

    protected override FormattableString InsertMissing(string[] nodes, string[] models) =>
        $"""
        INSERT INTO node_counts (node_id, model_id, answers, counted, reported, counted_prompt, reported_prompt, window_counted, window_reported,
            last_per_million, found, found_in_row)
        SELECT DISTINCT n.id, r.model_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        FROM unnest({nodes}, {models}) AS r(node_id, model_id) JOIN nodes n ON n.id = r.node_id
        ORDER BY 1, 2
        ON CONFLICT DO NOTHING
        """;

    protected override FormattableString LockInOrder(string[] nodes) =>
        $"SELECT * FROM node_counts WHERE node_id = ANY({nodes}) ORDER BY node_id, model_id FOR UPDATE";

    protected override Verdict Add(NodeCountsRow row, NodeCounts report) => CountVerdicts.Add(row, report, options.Value, clock.GetUtcNow());

    protected override void Tell(NodeCountsRow row, Verdict verdict)
    {
        switch (verdict)
        {
            case Verdict.Found:
                telemetry.CountsFound("found");
                CountingLog.Found(logger, row.NodeId, row.ModelId, row.LastPerMillion / 1e6, row.FoundInRow);
                break;
            case Verdict.Barred:
                telemetry.CountsFound("barred");
                CountingLog.Barred(logger, row.NodeId, row.ModelId, row.LastPerMillion / 1e6, row.FoundInRow);
                break;
        }
    }
}
