using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Billing.Telemetry;
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
{
    /// <returns>Ids of nodes that are thought of otherwise now.</returns>
    public async Task<IReadOnlyCollection<string>> AddAsync(IReadOnlyCollection<NodeCounts> reported, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        await using var transaction = await billing.Database.BeginTransactionAsync(cancellationToken);
        var rows = await LockAsync(billing, reported, cancellationToken);
        var changed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var counts in reported)
        {
            if (!rows.TryGetValue((counts.NodeId, counts.ModelId), out var row))
            {
                continue;
            }

            var before = row.FoundInRow;
            Tell(row, CountVerdicts.Add(row, counts, options.Value, clock.GetUtcNow()));
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
    private static async Task<Dictionary<(string NodeId, string ModelId), NodeCountsRow>> LockAsync(
        BillingDbContext billing, IReadOnlyCollection<NodeCounts> reported, CancellationToken cancellationToken)
    {
        var nodes = reported.Select(counts => counts.NodeId).ToArray();
        var models = reported.Select(counts => counts.ModelId).ToArray();
        await billing.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO node_counts (node_id, model_id, answers, counted, reported, counted_prompt, reported_prompt, window_counted, window_reported,
                last_per_million, found, found_in_row)
            SELECT DISTINCT n.id, r.model_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
            FROM unnest({nodes}, {models}) AS r(node_id, model_id) JOIN nodes n ON n.id = r.node_id
            ORDER BY 1, 2
            ON CONFLICT DO NOTHING
            """,
            cancellationToken);
        return await billing.NodeCounts
            .FromSql($"SELECT * FROM node_counts WHERE node_id = ANY({nodes}) ORDER BY node_id, model_id FOR UPDATE")
            .ToDictionaryAsync(row => (row.NodeId, row.ModelId), cancellationToken);
    }

    private void Tell(NodeCountsRow row, CountVerdict verdict)
    {
        switch (verdict)
        {
            case CountVerdict.Found:
                telemetry.CountsFound("found");
                CountingLog.Found(logger, row.NodeId, row.ModelId, row.LastPerMillion / 1e6, row.FoundInRow);
                break;
            case CountVerdict.Barred:
                telemetry.CountsFound("barred");
                CountingLog.Barred(logger, row.NodeId, row.ModelId, row.LastPerMillion / 1e6, row.FoundInRow);
                break;
        }
    }
}
