using ComputeShare.Contracts.Billing;

namespace ComputeShare.Gateway.Probes;

/// <summary>What one probe says of a node. Never a verdict: Billing makes one of many.</summary>
internal static class ProbeJudge
{
    // An end without text, and what a template writes around an answer, may be counted.
    private const uint FewTokens = 4;

    // Half of what is reported may have no text; no honest engine writes four tokens to one that is there.
    private const uint MostReported = 4;

    public static ProbeResult Judge(
        ProbeOffer offer, ProbeShape shape, ProbeAnswer answer, ProbeAnswer? reference, ProbeMemory memory, TimeSpan slack)
    {
        var agreement = reference is null ? Agreement.NotCompared
            : shape.IsGreedy ? ProbeComparison.OfGreedy(answer, reference)
            : ProbeComparison.OfSampled(answer, reference);
        if (reference is not null)
        {
            memory.Expect(reference.Text.Span);
        }

        var isRepeated = memory.IsRepeated(answer.Text.Span);
        return new ProbeResult
        {
            NodeId = offer.NodeId,
            ModelId = offer.ModelId,
            Compared = agreement is Agreement.Agrees or Agreement.Differs,
            Differs = agreement == Agreement.Differs,
            Empty = IsEmpty(answer),
            HeldBack = ProbeTiming.IsHeldBack(answer, offer, slack),
            Repeated = isRepeated && agreement != Agreement.Agrees,
        };
    }

    /// <summary>Next to no text for what the node says that it generated.</summary>
    private static bool IsEmpty(ProbeAnswer answer)
    {
        var counted = answer.Text.Span.Trim(" \r\n\t"u8).IsEmpty ? 0 : answer.CountedTokens;
        return answer.ReportedTokens > FewTokens && answer.ReportedTokens > counted * (ulong)MostReported;
    }
}
