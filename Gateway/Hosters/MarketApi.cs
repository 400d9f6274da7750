using System.Text.Json.Serialization;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ComputeShare.Gateway.Hosters;

/// <summary>GET /v1/hosters/market: what live offers of a model, or of each, cost: the lowest, the median and the highest.</summary>
internal static class MarketApi
{
    // One Scheduler for all gateways.
    private const string Key = "market";

    public static void MapMarket(this IEndpointRouteBuilder hosters) => hosters.MapGet("/market", TellAsync);

    private static async Task<EmptyHttpResult> TellAsync(HttpContext context, SchedulerCalls scheduler)
    {
        var request = new GetMarketRequest { Model = context.Request.Query["model"].ToString() };
        var market = await scheduler.AskAsync(Key, (calls, options) => calls.GetMarketAsync(request, options), context.RequestAborted);
        await KeysJson.WriteAsync(context, new MarketList([.. market.Models.Select(ModelMarketObject.Of)]), HostersJsonContext.Default.MarketList);
        return TypedResults.Empty;
    }
}

internal sealed record MarketList(IReadOnlyList<ModelMarketObject> Data)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "list";
}

/// <param name="Offers">Nodes that take work for it.</param>
/// <param name="Input">Each part for itself: no offer need have all three medians.</param>
internal sealed record ModelMarketObject(
    string Model, uint Offers, bool InCatalogue, PriceRangeObject Input, PriceRangeObject CachedInput, PriceRangeObject Output)
{
    public static ModelMarketObject Of(ModelMarket market) => new(
        market.ModelId,
        market.Offers,
        market.InCatalogue,
        PriceRangeObject.Of(market.Input),
        PriceRangeObject.Of(market.CachedInput),
        PriceRangeObject.Of(market.Output));
}

/// <summary>Dollars per million tokens, exact decimal texts.</summary>
internal sealed record PriceRangeObject(string Lowest, string Median, string Highest)
{
    public static PriceRangeObject Of(PriceRange range) => new(Dollars.Text(range.Lowest), Dollars.Text(range.Median), Dollars.Text(range.Highest));
}
