using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes;

/// <summary>The nodes known by configuration, <c>Nodes:0…n</c>.</summary>
internal sealed class NodesOptions
{
    public const string Section = "Nodes";

    public IList<ConfiguredNode> Configured { get; } = [];
}

internal sealed class ConfiguredNode
{
    public string Id { get; set; } = "";

    /// <summary>Such as <c>http://localhost:5101</c>.</summary>
    public Uri? Address { get; set; }

    /// <summary>What the node demands of its caller.</summary>
    public string DialToken { get; set; } = "";

    /// <summary>The public name of the hoster's account.</summary>
    public string Hoster { get; set; } = "";
}

internal sealed class NodesOptionsValidator : IValidateOptions<NodesOptions>
{
    public ValidateOptionsResult Validate(string? name, NodesOptions options)
    {
        var errors = options.Configured.SelectMany(Errors).ToList();
        errors.AddRange(options.Configured.GroupBy(node => node.Id).Where(group => group.Count() > 1)
            .Select(group => $"{NodesOptions.Section}: the id {group.Key} stands there more than once."));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> Errors(ConfiguredNode node, int index)
    {
        if (node.Id.Length == 0)
        {
            yield return $"{NodesOptions.Section}:{index}:Id must be set.";
        }

        if (node.Address is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            yield return $"{NodesOptions.Section}:{index}:Address must be an http address, such as http://localhost:5101.";
        }

        if (node.DialToken.Length == 0)
        {
            yield return $"{NodesOptions.Section}:{index}:DialToken must be set to what the node demands.";
        }

        if (node.Hoster.Length == 0)
        {
            yield return $"{NodesOptions.Section}:{index}:Hoster must be set to the public name of the hoster's account.";
        }
    }
}
