using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Verdicts;

/// <summary>
/// Adds what gateways report of nodes' models to what is known of them. Several gateways report at once: a node's rows are the lock, taken in
/// the order of their keys.
/// </summary>
internal abstract class ReportIntake<TReport, TRow>(IDbContextFactory<BillingDbContext> database)
    where TRow : class, IJudgedRow
{
    /// <returns>Ids of nodes that are thought of otherwise now.</returns>
    public async Task<IReadOnlyCollection<string>> AddAsync(IReadOnlyCollection<TReport> reported, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        await using var transaction = await billing.Database.BeginTransactionAsync(cancellationToken);
        var (nodes, models) = (reported.Select(NodeOf).ToArray(), reported.Select(ModelOf).ToArray());
        await billing.Database.ExecuteSqlAsync(InsertMissing(nodes, models), cancellationToken);
        var rows = await billing.Set<TRow>().FromSql(LockInOrder(nodes)).ToDictionaryAsync(row => (row.NodeId, row.ModelId), cancellationToken);
        var changed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var report in reported)
        {
            // A node that nobody has registered has no row.
            if (!rows.TryGetValue((NodeOf(report), ModelOf(report)), out var row))
            {
                continue;
            }

            var before = row.FoundInRow;
            Tell(row, Add(row, report));
            if (row.FoundInRow != before)
            {
                changed.Add(row.NodeId);
            }
        }

        await billing.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return changed;
    }

    protected abstract string NodeOf(TReport report);

    protected abstract string ModelOf(TReport report);

    /// <summary>A row for each registered node's model that has none.</summary>
    protected abstract FormattableString InsertMissing(string[] nodes, string[] models);

    /// <summary>All rows of these nodes.</summary>
    protected abstract FormattableString LockInOrder(string[] nodes);

    protected abstract Verdict Add(TRow row, TReport report);

    /// <summary>Says what was found, to those who run the marketplace.</summary>
    protected abstract void Tell(TRow row, Verdict verdict);
}
