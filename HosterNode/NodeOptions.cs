using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode;

/// <summary>Who this node is, what it demands, and what it takes.</summary>
internal sealed class NodeOptions
{
    public const string Section = "Node";

    /// <summary>The node's id, unique in the installation: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, at most 64.</summary>
    [RegularExpression("^[A-Za-z0-9._-]{1,64}$", ErrorMessage = "Node:Id must be 1 to 64 letters, digits, dots, dashes or underscores.")]
    [Required(ErrorMessage = "Node:Id must be set.")]
    public string Id { get; set; } = "";

    /// <summary>What a caller must carry: at least 32 characters.</summary>
    [Required(ErrorMessage = "Node:DialToken must be set."), MinLength(32, ErrorMessage = "Node:DialToken must have at least 32 characters.")]
    public string DialToken { get; set; } = "";

    /// <summary>How many choices may run side by side. Default: 4.</summary>
    [Range(1, 256, ErrorMessage = "Node:Slots must be from 1 to 256.")]
    public int Slots { get; set; } = 4;

    /// <summary>What a million tokens cost here.</summary>
    [ValidateObjectMembers]
    public NodePrices Prices { get; set; } = new();

    /// <summary>How long running streams may go on after the node was told to stop. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Node:DrainTimeout must be from 0 s to 1 h.")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>Nano-dollars per million tokens.</summary>
internal sealed class NodePrices
{
    [Range(0, long.MaxValue, ErrorMessage = "Node:Prices:Input must be 0 or more.")]
    public long Input { get; set; }

    [Range(0, long.MaxValue, ErrorMessage = "Node:Prices:CachedInput must be 0 or more.")]
    public long CachedInput { get; set; }

    [Range(0, long.MaxValue, ErrorMessage = "Node:Prices:Output must be 0 or more.")]
    public long Output { get; set; }
}

[OptionsValidator]
internal sealed partial class NodeOptionsValidator : IValidateOptions<NodeOptions>;
