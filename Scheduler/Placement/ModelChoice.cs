using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>The models that may serve a request, in the order in which they are tried.</summary>
internal static class ModelChoice
{
    private const string Quality = "quality";

    public static IEnumerable<ModelEntry> InOrder(PlacementQuestion question) =>
        question.Request.Models.SelectMany(name => name == PlacementQuestion.Auto ? ForAuto(question) : Named(question, name));

    /// <summary>Every model asked for, whether a node fits or not.</summary>
    public static IEnumerable<ModelEntry> All(PlacementQuestion question) =>
        question.Request.Models
            .SelectMany(name => name == PlacementQuestion.Auto ? InCatalogue(question.Index) : Named(question, name))
            .DistinctBy(model => model.ModelId);

    private static IEnumerable<ModelEntry> Named(PlacementQuestion question, string name) =>
        question.Index.Find(name) is { } model ? [model] : [];

    private static IEnumerable<ModelEntry> InCatalogue(NodeIndex index) => index.Models.Values.Where(model => model.InCatalogue);

    // Each model by the first of its nodes that fits; those without one are no choice.
    private static IEnumerable<ModelEntry> ForAuto(PlacementQuestion question)
    {
        var order = question.Request.Policy == Quality ? QualityRank : ProviderSort.Order(question.Request.Policy) ?? Price;
        return
            from model in InCatalogue(question.Index)
            let offer = Shortlist.First(question, model)
            where offer is not null
            orderby HosterPreference.TierOf(question, offer), order(offer), offer.StaticScore, model.ModelId
            select model;
    }

    private static double QualityRank(NodeOffer offer) => offer.QualityRank > 0 ? offer.QualityRank : double.PositiveInfinity;

    private static double Price(NodeOffer offer) => offer.StaticScore;
}
