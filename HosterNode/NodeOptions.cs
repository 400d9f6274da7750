using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode;

/// <summary>Who this node is, what it demands, and what it takes.</summary>
internal sealed class NodeOptions
{
    public const string Section = "Node";

    /// <summary>As many as vLLM runs side by side on one GPU by default, at most.</summary>
    public const int MostSlots = 1024;

    /// <summary>The node's id, unique in the installation: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, at most 64.</summary>
    public string Id { get; set; } = "";

    /// <summary>What a caller must carry: at least 32 characters. Default: made by chance at each start, and told to the gateways.</summary>
    public string DialToken { get; set; } = "";

    /// <summary>How many choices may run side by side, from 1 to 1,024. Default: 4.</summary>
    public int Slots { get; set; } = 4;

    /// <summary>What a million tokens cost here, 0 or more. Default: nothing.</summary>
    public NodePrices Prices { get; set; } = new();

    /// <summary>What it costs with some models, by the engine's names of them, whatever is set for all. Default: none.</summary>
    public IList<NodeModelPrices> ModelPrices { get; } = [];

    /// <summary>What it will cost from later moments on, with models that have no prices of their own. Default: no change is set ahead.</summary>
    public IList<LaterNodePrices> LaterPrices { get; } = [];

    /// <summary>How long running streams may go on after the node was told to stop, up to an hour. Default: 30 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public NodePrices PricesOf(string model) => OwnPricesOf(model) ?? Prices;

    public IEnumerable<LaterNodePrices> LaterPricesOf(string model) => OwnPricesOf(model) is null ? LaterPrices : [];

    private NodeModelPrices? OwnPricesOf(string model) => ModelPrices.FirstOrDefault(prices => prices.Model == model);
}

/// <summary>Nano-dollars per million tokens.</summary>
internal class NodePrices
{
    public long Input { get; set; }

    public long CachedInput { get; set; }

    public long Output { get; set; }
}

/// <summary>Prices of one model.</summary>
internal sealed class NodeModelPrices : NodePrices
{
    /// <summary>The engine's name of it.</summary>
    public string Model { get; set; } = "";
}

/// <summary>Prices that begin ahead. Nothing that runs changes its price then.</summary>
internal sealed class LaterNodePrices : NodePrices
{
    /// <summary>When they begin, with a time zone: 2027-01-01T00:00:00Z.</summary>
    public DateTimeOffset From { get; set; }
}

/// <summary>By hand, because the generated validator leaves a range's own message out and does not know the section.</summary>
internal sealed partial class NodeOptionsValidator : IValidateOptions<NodeOptions>
{
    private const int LeastTokenLength = 32;
    private static readonly TimeSpan LongestDrain = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, NodeOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        Check(IdShape().IsMatch(options.Id), "Node:Id must be 1 to 64 letters, digits, dots, dashes or underscores.");
        Check(options.DialToken.Length >= LeastTokenLength, $"Node:DialToken must have at least {LeastTokenLength} characters.");
        Check(options.Slots is >= 1 and <= NodeOptions.MostSlots, $"Node:Slots must be from 1 to {NodeOptions.MostSlots}.");
        Check(options.Prices.Input >= 0, "Node:Prices:Input must be 0 or more.");
        Check(options.Prices.CachedInput >= 0, "Node:Prices:CachedInput must be 0 or more.");
        Check(options.Prices.Output >= 0, "Node:Prices:Output must be 0 or more.");
        for (var i = 0; i < options.ModelPrices.Count; i++)
        {
            var (key, prices) = ($"Node:ModelPrices:{i}", options.ModelPrices[i]);
            Check(prices.Model.Length > 0, $"{key}:Model must be the engine's name of a model.");
            Check(Math.Min(Math.Min(prices.Input, prices.CachedInput), prices.Output) >= 0, $"{key}: prices must be 0 or more.");
        }

        for (var i = 0; i < options.LaterPrices.Count; i++)
        {
            var (key, later) = ($"Node:LaterPrices:{i}", options.LaterPrices[i]);
            Check(later.From > DateTimeOffset.UnixEpoch, $"{key}:From must be the moment at which these prices begin.");
            Check(Math.Min(Math.Min(later.Input, later.CachedInput), later.Output) >= 0, $"{key}: prices must be 0 or more.");
        }

        Check(options.DrainTimeout >= TimeSpan.Zero && options.DrainTimeout <= LongestDrain, "Node:DrainTimeout must be from 0 s to 1 h.");
        return result.Build();

        void Check(bool holds, string message)
        {
            if (!holds)
            {
                result.AddError(message);
            }
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex IdShape();
}
