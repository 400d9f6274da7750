using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Probing;

/// <summary>What the operator sees of probes, and may forgive.</summary>
internal sealed class ProbeRegister(IDbContextFactory<BillingDbContext> database)
{
    /// <summary>The most suspicious first.</summary>
    public async Task<IReadOnlyList<NodeProbesRow>> ListAsync(CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        return await billing.NodeProbes.AsNoTracking()
            .OrderByDescending(row => row.Barred != null).ThenByDescending(row => row.FoundInRow).ThenByDescending(row => row.LastPercent ?? -1)
            .ThenBy(row => row.NodeId).ThenBy(row => row.ModelId)
            .ToListAsync(cancellationToken);
    }

    /// <summary>The node gets work again, and its next verdict is made of what comes from now on. What it was found of before stays on record.</summary>
    /// <returns>False: such a node was not probed.</returns>
    public async Task<bool> ForgiveAsync(string nodeId, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        return await billing.NodeProbes.Where(row => row.NodeId == nodeId).ExecuteUpdateAsync(
            row => row
                .SetProperty(probes => probes.Barred, (DateTimeOffset?)null)
                .SetProperty(probes => probes.FoundInRow, 0)
                .SetProperty(probes => probes.WindowProbes, 0)
                .SetProperty(probes => probes.WindowSuspicious, 0)
                .SetProperty(probes => probes.WindowDiffering, 0)
                .SetProperty(probes => probes.WindowEmpty, 0)
                .SetProperty(probes => probes.WindowHeldBack, 0)
                .SetProperty(probes => probes.WindowRepeated, 0),
            cancellationToken) > 0;
    }
}
