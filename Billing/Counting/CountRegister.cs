using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Counting;

/// <summary>What the operator sees of nodes' counts, and may forgive.</summary>
internal sealed class CountRegister(IDbContextFactory<BillingDbContext> database)
{
    /// <summary>The most suspicious first.</summary>
    public async Task<IReadOnlyList<NodeCountsRow>> ListAsync(CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        return await billing.NodeCounts.AsNoTracking()
            .OrderByDescending(row => row.Barred != null).ThenByDescending(row => row.FoundInRow).ThenByDescending(row => row.LastPerMillion)
            .ThenBy(row => row.NodeId).ThenBy(row => row.ModelId)
            .ToListAsync(cancellationToken);
    }

    /// <summary>The node gets work again, and its next verdict is made of what comes from now on. What it was found of before stays on record.</summary>
    /// <returns>False: nothing was counted of such a node.</returns>
    public async Task<bool> ForgiveAsync(string nodeId, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        return await billing.NodeCounts.Where(row => row.NodeId == nodeId).ExecuteUpdateAsync(
            row => row
                .SetProperty(counts => counts.Barred, (DateTimeOffset?)null)
                .SetProperty(counts => counts.FoundInRow, 0)
                .SetProperty(counts => counts.WindowCounted, 0L)
                .SetProperty(counts => counts.WindowReported, 0L),
            cancellationToken) > 0;
    }
}
