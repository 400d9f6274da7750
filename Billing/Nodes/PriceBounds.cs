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

    /// <exception cref="RegistrationException">A price is out of bounds; the message says which.</exception>
    public static TokenPrice Check(MappedModel model)
    {
        var asked = model.Served.Prices ?? new Prices();
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
