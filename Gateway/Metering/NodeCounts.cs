using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Completions;

namespace ComputeShare.Gateway.Metering;

/// <summary>What nodes counted beside what this gateway did, added up until Billing has it. Any thread.</summary>
internal sealed class NodeCounts
{
    private readonly Lock _lock = new();
    private Dictionary<(string NodeId, string ModelId), Contracts.Billing.NodeCounts> _sums = [];

    /// <param name="lease">Whose attempt it was.</param>
    /// <param name="context">After the attempt.</param>
    public void Add(Reserved lease, CompletionContext context)
    {
        if (context.Claim is not { } claim)
        {
            return;
        }

        var counts = new Contracts.Billing.NodeCounts
        {
            NodeId = lease.NodeId,
            ModelId = lease.ModelId,
            Answers = 1,
            CountedTokens = claim.Counted,
            ReportedTokens = claim.Reported,
        };
        if (context.Prompt.IsCounted && context.Report?.Usage is { PromptTokens: > 0 } usage)
        {
            (counts.CountedPromptTokens, counts.ReportedPromptTokens) = (context.PromptTokens, usage.PromptTokens);
        }

        Add([counts]);
    }

    /// <summary>Also what was taken, and could not be told.</summary>
    public void Add(IEnumerable<Contracts.Billing.NodeCounts> counts)
    {
        lock (_lock)
        {
            foreach (var more in counts)
            {
                if (!_sums.TryGetValue((more.NodeId, more.ModelId), out var sum))
                {
                    _sums.Add((more.NodeId, more.ModelId), more);
                    continue;
                }

                sum.Answers += more.Answers;
                sum.CountedTokens += more.CountedTokens;
                sum.ReportedTokens += more.ReportedTokens;
                sum.CountedPromptTokens += more.CountedPromptTokens;
                sum.ReportedPromptTokens += more.ReportedPromptTokens;
            }
        }
    }

    public ReportCountsRequest Take()
    {
        lock (_lock)
        {
            var taken = new ReportCountsRequest { Nodes = { _sums.Values } };
            _sums = [];
            return taken;
        }
    }
}
