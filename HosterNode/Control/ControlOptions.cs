using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Control;

/// <summary>How the node's owner reaches it.</summary>
internal sealed class ControlOptions
{
    public const string Section = NodeOptions.Section;

    /// <summary>
    /// The folder of its control socket and its schedule, for its owner only. Default: none, and then nobody can pause it; <c>join</c> sets it.
    /// </summary>
    public string Folder { get; set; } = "";

    /// <summary>Offers fewer slots while the engine works for somebody else, where it tells. Default: yes.</summary>
    public bool OwnerFirst { get; set; } = true;
}

internal sealed class ControlOptionsValidator : IValidateOptions<ControlOptions>
{
    public ValidateOptionsResult Validate(string? name, ControlOptions options) => options.Folder.Length == 0 || Path.IsPathFullyQualified(options.Folder)
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail("Node:Folder must be a folder's whole path.");
}
