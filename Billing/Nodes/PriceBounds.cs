using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Inference;
using Grpc.Core;

namespace ComputeShare.Billing.Nodes;

/// <summary>The prices that a node may ask.</summary>
internal static class PriceBounds
{
    // $1,000 per million tokens for models outside the catalogue: far above every market price, and small enough that no amount of a
    // request leaves the range of Money.
    private const long Highest = 1_000 * Money.NanoDollarsPerDollar;

    private static readonly CatalogueModelRow Outside = new()
    {
        Id = "",
        HighestInput = Highest,
        HighestCachedInput = Highest,
        HighestOutput = Highest,
    };

    // A year of months: prices are set ahead by people.
    private const int MostLater = 12;

    /// <exception cref="RegistrationException">A price is out of bounds; the message says which.</exception>
    public static PriceSchedule Check(MappedModel model)
    {
        var later = model.Served.LaterPrices.OrderBy(step => step.From).ToArray();
        if (later.Length > MostLater || later.DistinctBy(step => step.From).Count() < later.Length || Array.Exists(later, step => !IsMoment(step.From)))
        {
            throw new RegistrationException(
                StatusCode.InvalidArgument,
                $"Model {model.Served.LocalName}: at most {MostLater} later prices may be set, each from a moment of its own.");
        }

        return new PriceSchedule(
            Check(model, model.Served.Prices),
            [.. later.Select(step => (DateTimeOffset.FromUnixTimeMilliseconds(step.From), Check(model, step.Prices)))]);
    }

    private static bool IsMoment(long unixMilliseconds) =>
        unixMilliseconds > 0 && unixMilliseconds < DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private static TokenPrice Check(MappedModel model, Prices? prices)
    {
        var asked = prices ?? new Prices();
        var bounds = model.Catalogue ?? Outside;
        Check(model, "input", asked.Input, bounds.LowestInput, bounds.HighestInput);
        Check(model, "cached input", asked.CachedInput, bounds.LowestCachedInput, bounds.HighestCachedInput);
        Check(model, "output", asked.Output, bounds.LowestOutput, bounds.HighestOutput);
        return new TokenPrice(asked.Input, asked.CachedInput, asked.Output);
    }

    private static void Check(MappedModel model, string price, long asked, long lowest, long highest)
    {
        if (asked < lowest || asked > highest)
        {
            throw new RegistrationException(
                StatusCode.InvalidArgument,
                $"Model {model.Served.LocalName} ({model.ModelId}): the {price} price of {asked} nano-dollars per million tokens "
                + $"is outside {lowest} to {highest}.");
        }
    }
}
