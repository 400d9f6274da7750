using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>The models that may serve a request, in the order in which they are tried.</summary>
internal static class ModelChoice
{
    public static IEnumerable<ModelEntry> InOrder(PlacementQuestion question) =>
        question.Request.Models.SelectMany(name => name == PlacementQuestion.Auto ? ForAuto(question) : Named(question, name));

    /// <summary>Every model asked for, whether a node fits or not.</summary>
    public static IEnumerable<ModelEntry> All(PlacementQuestion question) =>
        question.Request.Models
            .SelectMany(name => name == PlacementQuestion.Auto ? Choices(question) : Named(question, name))
            .DistinctBy(model => model.ModelId);

    private static IEnumerable<ModelEntry> Named(PlacementQuestion question, string name) =>
        question.Index.Find(name) is { } model ? [model] : [];

    private static IEnumerable<ModelEntry> Choices(PlacementQuestion question) =>
        question.Index.Models.Values.Where(model => model.InCatalogue && MayUse(question, model));

    // Each model by the node that the policy would like best of those that fit; models without one are no choice. What the request asks
    // for goes before what its account is set to.
    private static IEnumerable<ModelEntry> ForAuto(PlacementQuestion question)
    {
        var policy = question.Provider.Sort.Length > 0 ? question.Provider.Sort : question.Request.Policy;
        return
            from model in Choices(question)
            let offer = Shortlist.First(question, ProviderSort.OrderOf(model, policy) ?? model.Cheapest)
            where offer is not null
            orderby HosterPreference.TierOf(question, offer), Rank(offer, policy), OfferOrder.ByPrice.Key(offer), model.ModelId
            select model;
    }

    private static double Rank(NodeOffer offer, string policy) => policy switch
    {
        ProviderSort.Throughput => OfferOrder.ByThroughput.Key(offer),
        ProviderSort.Latency => OfferOrder.ByLatency.Key(offer),
        ProviderSort.Quality => offer.QualityRank > 0 ? offer.QualityRank : double.PositiveInfinity,
        _ => OfferOrder.ByPrice.Key(offer),
    };

    // A key that names models beside `auto` means those; one that names `auto` alone means any.
    private static bool MayUse(PlacementQuestion question, ModelEntry model)
    {
        var allowed = question.Request.AllowedModels;
        return allowed.All(name => name == PlacementQuestion.Auto) || allowed.Contains(model.ModelId) || model.Any.Aliases.Any(allowed.Contains);
    }
}
