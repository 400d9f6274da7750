using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Gateway.Completions;

/// <summary>Says which filters ruled out every offer, so that a caller knows what to change (PAINS 19).</summary>
internal static class RefusalReason
{
    // The Scheduler's filters in its order, what a caller understands by them, and the field that asks for them.
    private static readonly (string Filter, string Words, string? Param)[] Filters =
    [
        ("live", "the node is leaving", null),
        ("tried_before", "it was tried before", null),
        ("only_nodes", "another node was asked for", null),
        ("counts", "its own token counts were found too high again and again", null),
        ("probes", "its answers were not the model's again and again", null),
        ("provider", "'provider' rules the hoster out", "provider"),
        ("choices", "it has fewer slots than 'n'", "n"),
        ("capabilities", "it cannot do what the request uses", null),
        ("context", "its context window is too small", null),
        ("node_limits", "its hoster's own limits", null),
        ("price", "it costs more than 'provider.max_price'", "provider.max_price"),
        ("quantization", "it is not in 'provider.quantizations'", "provider.quantizations"),
        ("cooling_down", "it has failed lately", null),
        ("free_slots", "every slot is taken", null),
    ];

    /// <returns>A sentence; empty where there is nothing to say.</returns>
    public static string Text(Explanation? explanation)
    {
        if (explanation is null || explanation.Candidates == 0)
        {
            return "No live node offers the model.";
        }

        var ruledOut = Filters
            .Where(filter => explanation.Filtered.ContainsKey(filter.Filter))
            .Select(filter => $"{explanation.Filtered[filter.Filter]} by {filter.Filter} ({filter.Words})")
            .ToArray();
        return ruledOut.Length == 0 ? "" : $"Of {explanation.Candidates} offers were ruled out: {string.Join(", then ", ruledOut)}.";
    }

    /// <summary>The request's field that emptied the list: the last filter to rule anything out. Null where the caller cannot change it.</summary>
    public static string? Param(Explanation? explanation) =>
        Filters.LastOrDefault(filter => explanation?.Filtered.ContainsKey(filter.Filter) == true).Param;
}
