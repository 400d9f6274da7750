using System.Globalization;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.Gateway.OpenAI.Models;

/// <summary>Nano-dollars per million tokens as decimal dollars, without rounding.</summary>
internal static class ModelPrices
{
    private const decimal TokensPerMillion = 1_000_000m;

    public static ModelPricing Of(Prices prices) => new(
        PerToken(prices.Input),
        PerToken(prices.Output),
        PerToken(prices.CachedInput),
        new PricePerMillion(PerMillion(prices.Input), PerMillion(prices.CachedInput), PerMillion(prices.Output)));

    // A long over 10^15 has at most 19 digits, of which decimal keeps 28.
    private static string PerToken(long price) => Dollars(price / TokensPerMillion / Money.NanoDollarsPerDollar);

    private static string PerMillion(long price) => Dollars((decimal)price / Money.NanoDollarsPerDollar);

    private static string Dollars(decimal amount) => amount.ToString("0.###############", CultureInfo.InvariantCulture);
}
