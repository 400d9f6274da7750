using System.Text.Json.Serialization;

namespace ComputeShare.Gateway.OpenAI.Models;

internal sealed record ModelList(IReadOnlyList<Model> Data)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "list";
}

/// <summary>OpenAI's four fields first; SDKs ignore the rest, which says what the model can do and costs now.</summary>
internal sealed record Model([property: JsonPropertyOrder(-2)] string Id, long Created, string OwnedBy)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "model";

    public string? Description { get; init; }

    /// <summary>Other names that can be asked for.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Tokens of prompt and completion together: the largest window that is offered, or what the catalogue knows.</summary>
    public uint? ContextLength { get; init; }

    /// <summary>The lowest prices offered now; null when nobody serves the model.</summary>
    public ModelPricing? Pricing { get; init; }

    /// <summary>Names as nodes give them: what at least one live node can do.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>The request's fields that these capabilities serve.</summary>
    public IReadOnlyList<string> SupportedParameters { get; init; } = [];

    public IReadOnlyList<string> Quantizations { get; init; } = [];

    /// <summary>The catalogue's; 1 = best.</summary>
    public uint? QualityRank { get; init; }

    /// <summary>Nodes that serve it now; null for <c>auto</c>.</summary>
    public uint? LiveNodes { get; init; }
}

/// <summary>Exact decimal dollars, as texts: per token under the names that OpenRouter's clients read, and per million tokens.</summary>
internal sealed record ModelPricing(string Prompt, string Completion, string InputCacheRead, PricePerMillion PerMillion);

internal sealed record PricePerMillion(string Input, string CachedInput, string Output);
