using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Billing.Telemetry;
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
{
    /// <returns>Ids of nodes that are thought of otherwise now.</returns>
    public async Task<IReadOnlyCollection<string>> AddAsync(IReadOnlyCollection<ProbeResult> reported, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        await using var transaction = await billing.Database.BeginTransactionAsync(cancellationToken);
        var rows = await LockAsync(billing, reported, cancellationToken);
        var changed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var probe in reported)
        {
            if (!rows.TryGetValue((probe.NodeId, probe.ModelId), out var row))
            {
                continue;
            }

            var before = row.FoundInRow;
            Tell(row, ProbeVerdicts.Add(row, probe, options.Value, clock.GetUtcNow()));
            if (row.FoundInRow != before)
            {
                changed.Add(row.NodeId);
            }
        }

        await billing.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return changed;
    }

    // A node that nobody has registered has no row.
    private static async Task<Dictionary<(string NodeId, string ModelId), NodeProbesRow>> LockAsync(
        BillingDbContext billing, IReadOnlyCollection<ProbeResult> reported, CancellationToken cancellationToken)
    {
        var nodes = reported.Select(probe => probe.NodeId).ToArray();
        var models = reported.Select(probe => probe.ModelId).ToArray();
        await billing.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO node_probes (node_id, model_id, probes, compared, suspicious, window_probes, window_suspicious, window_differing, window_empty,
                window_held_back, window_repeated, last_reasons, found, found_in_row)
            SELECT DISTINCT n.id, r.model_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, ARRAY[]::text[], 0, 0
            FROM unnest({nodes}, {models}) AS r(node_id, model_id) JOIN nodes n ON n.id = r.node_id
            ORDER BY 1, 2
            ON CONFLICT DO NOTHING
            """,
            cancellationToken);
        return await billing.NodeProbes
            .FromSql($"SELECT * FROM node_probes WHERE node_id = ANY({nodes}) ORDER BY node_id, model_id FOR UPDATE")
            .ToDictionaryAsync(row => (row.NodeId, row.ModelId), cancellationToken);
    }

    private void Tell(NodeProbesRow row, ProbeVerdict verdict)
    {
        switch (verdict)
        {
            case ProbeVerdict.Found:
                telemetry.ProbesFound("found");
                ProbingLog.Found(logger, row.NodeId, row.ModelId, row.LastPercent ?? 0, string.Join(", ", row.LastReasons), row.FoundInRow);
                break;
            case ProbeVerdict.Barred:
                telemetry.ProbesFound("barred");
                ProbingLog.Barred(logger, row.NodeId, row.ModelId, row.LastPercent ?? 0, string.Join(", ", row.LastReasons), row.FoundInRow);
                break;
        }
    }
}
