using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Leases;

namespace ComputeShare.Scheduler.Measuring;

/// <summary>What one attempt showed of a node, as Schedulers tell each other.</summary>
/// <param name="Node">The node's id.</param>
/// <param name="Model">The model's id.</param>
/// <param name="Failed">Null: nothing that speaks for or against the node.</param>
/// <param name="TtftMs">To the first content; 0 = none came.</param>
/// <param name="TokensPerSecond">Of one stream; 0 = too little to measure.</param>
internal sealed record AttemptSample(string Node, string Model, bool? Failed, uint TtftMs, float TokensPerSecond)
{
    // Fewer come in one or two frames, and their time says more of the network than of the GPU.
    private const uint FewestTokens = 8;
    private const uint ShortestMs = 20;

    /// <returns>Null where the report shows nothing.</returns>
    public static AttemptSample? Of(Release release)
    {
        if (release.Report is not { } report || release.NodeId.Length == 0)
        {
            return null;
        }

        bool? failed = report.Result switch
        {
            AttemptResult.Succeeded => false,
            AttemptResult.NodeFailed => true,
            _ => null,
        };
        var sample = new AttemptSample(release.NodeId, report.ModelId, failed, report.TtftMs, Speed(report, release.LeaseId));
        return sample is { Failed: null, TtftMs: 0, TokensPerSecond: 0 } ? null : sample;
    }

    private static float Speed(AttemptReport report, string leaseId)
    {
        if (report.CompletionTokens < FewestTokens || report.DecodeMs < ShortestMs)
        {
            return 0;
        }

        // Choices run side by side, one per slot.
        var streams = LeaseId.TryParse(leaseId, out var lease) ? lease.Slots : 1;
        return (float)((report.CompletionTokens - streams) * 1000.0 / report.DecodeMs / streams);
    }
}
