using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Gateway.OpenAI.Models;

/// <summary>From the catalogue, and what live nodes offer of it and beside it, to the entries of <c>/v1/models</c>.</summary>
internal static class ModelEntries
{
    private const string Platform = "computeshare";

    /// <returns><c>auto</c> first, then by id.</returns>
    public static IReadOnlyList<Model> Of(Catalogue catalogue, ListLiveModelsReply live)
    {
        var offered = live.Models.ToDictionary(model => model.ModelId);
        var known = catalogue.Models.Select(model => Known(model, offered.GetValueOrDefault(model.ModelId))).ToArray();
        var ids = known.Select(model => model.Id).ToHashSet();
        Model[] models = [.. known, .. live.Models.Where(model => !ids.Contains(model.ModelId)).Select(OnlyOffered)];
        return [Auto(models), .. models.OrderBy(model => model.Id, StringComparer.Ordinal)];
    }

    private static Model Auto(Model[] models)
    {
        string[] capabilities = [.. models.SelectMany(model => model.Capabilities).Distinct().Order(StringComparer.Ordinal)];
        return new Model(ModelDirectory.Auto, models.Select(model => model.Created).DefaultIfEmpty().Max(), Platform)
        {
            Description = "Lets the marketplace choose model and node for each request, by the account's policy.",
            ContextLength = models.Where(model => model.LiveNodes > 0).Max(model => model.ContextLength),
            Capabilities = capabilities,
            SupportedParameters = SupportedParameters.Of(capabilities),
        };
    }

    private static Model Known(CatalogueModel model, LiveModel? live) =>
        Offered(new Model(model.ModelId, model.Created, model.OwnedBy)
        {
            Description = model.Description.Length > 0 ? model.Description : null,
            Aliases = [.. model.Aliases],
            ContextLength = model.ContextLength > 0 ? model.ContextLength : null,
            QualityRank = model.QualityRank > 0 ? model.QualityRank : null,
            LiveNodes = 0,
        }, live);

    private static Model OnlyOffered(LiveModel live) => Offered(new Model(live.ModelId, 0, live.HosterName) { Aliases = [.. live.Aliases] }, live);

    private static Model Offered(Model model, LiveModel? live) => live is null ? model : model with
    {
        ContextLength = live.ContextLength > 0 ? live.ContextLength : model.ContextLength,
        Pricing = live.Prices is { } prices ? ModelPrices.Of(prices) : null,
        Capabilities = [.. live.Capabilities],
        SupportedParameters = SupportedParameters.Of(live.Capabilities),
        Quantizations = [.. live.Quantizations],
        LiveNodes = live.Nodes,
    };
}
