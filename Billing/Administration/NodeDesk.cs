using ComputeShare.Billing.Counting;
using ComputeShare.Billing.Probing;

namespace ComputeShare.Billing.Administration;

/// <summary>The operator's word for a node that was found dishonest.</summary>
internal sealed class NodeDesk(CountRegister counts, ProbeRegister probes)
{
    /// <summary>Of counts and probes alike.</summary>
    /// <exception cref="AdministrationException">Nothing is known of such a node.</exception>
    public async Task ForgiveAsync(string nodeId, CancellationToken cancellationToken)
    {
        var wasCounted = await counts.ForgiveAsync(nodeId, cancellationToken);
        var wasProbed = await probes.ForgiveAsync(nodeId, cancellationToken);
        if (!wasCounted && !wasProbed)
        {
            throw new AdministrationException($"Nothing was counted or probed of a node {nodeId} yet.");
        }
    }
}
