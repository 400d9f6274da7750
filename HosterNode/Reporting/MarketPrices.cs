using System.Globalization;
using System.Text.Json;
using ComputeShare.Contracts;
using ComputeShare.HosterNode.Engines.OpenAI;

namespace ComputeShare.HosterNode.Reporting;

/// <summary>The middle of what nodes ask for a model, in nano-dollars per million tokens.</summary>
/// <param name="Offers">Of how many nodes.</param>
internal sealed record MarketPrices(int Offers, long Input, long CachedInput, long Output)
{
    private const NumberStyles PlainNumber = NumberStyles.AllowDecimalPoint;

    /// <summary>Null: it is none, or nobody offers the model.</summary>
    public static MarketPrices? TryRead(JsonElement market) =>
        market.Get("offers").Count() is > 0 and var offers
        && Median(market, "input") is { } input
        && Median(market, "cached_input") is { } cachedInput
        && Median(market, "output") is { } output
            ? new MarketPrices(offers, input, cachedInput, output)
            : null;

    private static long? Median(JsonElement market, string part) => ReadDollars(market.Get(part).Get("median").Text())?.NanoDollars;

    /// <summary>Dollars in decimals, 0 or more; null where they are none, or finer than a nano-dollar.</summary>
    public static Money? ReadDollars(string text) =>
        decimal.TryParse(text, PlainNumber, CultureInfo.InvariantCulture, out var dollars)
        && dollars <= MostDollars
        && decimal.IsInteger(dollars * Money.NanoDollarsPerDollar)
            ? Money.FromDollars(dollars)
            : null;

    // A million tokens for ten thousand dollars: beyond that somebody has mistaken the unit.
    private const decimal MostDollars = 10_000;
}
