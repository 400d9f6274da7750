using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Nodes;
using Google.Protobuf.Collections;

namespace ComputeShare.Scheduler.Placement;

/// <summary>The filters, in the order in which they are asked and explained: cheap and common reasons first, those that pass by themselves last.</summary>
internal static class PlacementFilters
{
    public static readonly PlacementFilter Live = new("live", (question, offer) =>
        !offer.Node.Draining && offer.Node.IsLive(question.Now));

    /// <summary>An attempt of this request failed there.</summary>
    public static readonly PlacementFilter NotTried = new("tried_before", (question, offer) =>
        !question.Request.ExcludeNodes.Contains(offer.Node.NodeId));

    /// <summary>Probes ask for one node.</summary>
    public static readonly PlacementFilter Wanted = new("only_nodes", (question, offer) =>
        question.Request.OnlyNodes.Count == 0 || question.Request.OnlyNodes.Contains(offer.Node.NodeId));

    /// <summary>Its own token counts were found too high once too often: until the operator forgives it.</summary>
    public static readonly PlacementFilter HonestCounts = new("counts", (_, offer) => !offer.Node.CountsBarred);

    /// <summary>Probes were against it once too often: until the operator forgives it.</summary>
    public static readonly PlacementFilter HonestAnswers = new("probes", (_, offer) => !offer.Node.ProbesBarred);

    public static readonly PlacementFilter Provider = new("provider", (question, offer) =>
        Allows(question.Provider, offer.Node));

    /// <summary>The node has as many slots as the request has choices, taken or not.</summary>
    public static readonly PlacementFilter EnoughSlots = new("choices", (question, offer) =>
        question.Slots <= offer.Node.Slots);

    public static readonly PlacementFilter Capabilities = new("capabilities", (question, offer) =>
        HasAll(offer, question.Request.RequiredCapabilities));

    /// <summary>Prompt and answer fit the window; an answer of no given length needs one token.</summary>
    public static readonly PlacementFilter Context = new("context", (question, offer) =>
        (ulong)question.Request.PromptTokens + Math.Max(1, question.Request.MaxTokens) <= offer.ContextLength);

    /// <summary>The limits that the hoster set.</summary>
    public static readonly PlacementFilter NodeLimits = new("node_limits", (question, offer) =>
        Within(question.Request.PromptTokens, offer.Node.Limits.MaxPromptTokens)
        && Within(question.Request.MaxTokens, offer.Node.Limits.MaxCompletionTokens)
        && Within(question.Request.BodyBytes, offer.Node.Limits.MaxBodyBytes));

    /// <summary>What the lease would cost: the price of the offer is the price of the lease.</summary>
    public static readonly PlacementFilter PriceCeiling = new("price", (question, offer) =>
        (!question.Provider.HasMaxPriceInput || offer.Prices.Input <= question.Provider.MaxPriceInput)
        && (!question.Provider.HasMaxPriceOutput || offer.Prices.Output <= question.Provider.MaxPriceOutput));

    /// <summary>By the engine's own name (<c>Q4_K_M</c>) or its class (<c>int4</c>).</summary>
    public static readonly PlacementFilter Quantization = new("quantization", (question, offer) =>
        question.Provider.Quantizations.Count == 0
        || Names(question.Provider.Quantizations, offer.Quantization)
        || Names(question.Provider.Quantizations, QuantizationClass.Of(offer.Quantization)));

    /// <summary>
    /// Also when it is the last one that fits: such a request waits for the end of the cool-down, which is short, instead of spending one
    /// of its few attempts on a node that has just failed.
    /// </summary>
    public static readonly PlacementFilter NotCoolingDown = new("cooling_down", (question, offer) =>
        !offer.Node.CoolDown.IsOn(question.Now));

    /// <summary>As far as this Scheduler knows; the lease script has the last word.</summary>
    public static readonly PlacementFilter FreeSlots = new("free_slots", (question, offer) =>
        offer.Node.SlotView.MayHave(question.Slots, offer.Node.Slots, question.Now));

    public static readonly PlacementFilter[] All =
    [
        Live, NotTried, Wanted, HonestCounts, HonestAnswers, Provider, EnoughSlots, Capabilities, Context, NodeLimits, PriceCeiling, Quantization,
        NotCoolingDown, FreeSlots,
    ];

    /// <summary>What passes by itself: such a node will take the request if it waits.</summary>
    public static bool IsForAWhile(PlacementFilter filter) => filter == NotCoolingDown || filter == FreeSlots;

    /// <summary>The first filter that does not admit the offer; null when all do.</summary>
    public static PlacementFilter? FirstAgainst(PlacementQuestion question, NodeOffer offer)
    {
        foreach (var filter in All)
        {
            if (!filter.Admits(question, offer))
            {
                return filter;
            }
        }

        return null;
    }

    public static bool Is(NodeSnapshot node, string hoster) =>
        string.Equals(hoster, node.HosterName, StringComparison.OrdinalIgnoreCase) || hoster == node.HosterId;

    private static bool Allows(ProviderPreferences provider, NodeSnapshot node) =>
        (provider.Only.Count == 0 || IsAny(node, provider.Only))
        && !IsAny(node, provider.Ignore)
        && (!provider.DisallowFallbacks || provider.Order.Count == 0 || IsAny(node, provider.Order));

    private static bool IsAny(NodeSnapshot node, RepeatedField<string> hosters)
    {
        foreach (var hoster in hosters)
        {
            if (Is(node, hoster))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasAll(NodeOffer offer, RepeatedField<string> capabilities)
    {
        foreach (var capability in capabilities)
        {
            if (!offer.Can(capability))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Names(RepeatedField<string> names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);

    // 0 is no limit.
    private static bool Within(long value, long limit) => limit == 0 || value <= limit;
}
