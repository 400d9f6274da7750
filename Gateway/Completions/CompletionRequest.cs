using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Metering;
using ComputeShare.Gateway.OpenAI.Responses;
using ComputeShare.Gateway.Probes;

namespace ComputeShare.Gateway.Completions;

/// <summary>
/// A validated request of any operation. The caller's JSON itself is not kept: what a node may see of it is <see cref="WorkBody"/>.
/// </summary>
internal sealed record CompletionRequest
{
    public required Operation Operation { get; init; }

    /// <summary>At least one of <c>auto</c>, an id or an alias; the first that can be served wins.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>Repeated in every answer, as it was asked for.</summary>
    public string Model => Models[0];

    /// <summary>JSON for the node, rebuilt from allow-listed fields.</summary>
    public required ReadOnlyMemory<byte> WorkBody { get; init; }

    public required PromptText Prompt { get; init; }

    public bool Stream { get; init; }

    public bool IncludeUsage { get; init; }

    /// <summary>Per choice; null = as many as fit.</summary>
    public uint? MaxTokens { get; init; }

    /// <summary>How many answers are generated, each in a slot of its own.</summary>
    public uint Choices { get; init; } = 1;

    public IReadOnlyList<string> Stop { get; init; } = [];

    public bool Logprobs { get; init; }

    /// <summary>The answer may have tool calls.</summary>
    public bool MayCallTools { get; init; }

    /// <summary>Of embeddings only.</summary>
    public EmbeddingShape? Embeddings { get; init; }

    /// <summary>Of responses only.</summary>
    public ResponseEcho? Echo { get; init; }

    /// <summary>Which hosters may serve it, at what price; null = any.</summary>
    public ProviderPreferences? Provider { get; init; }

    /// <summary>Of probes only.</summary>
    public ProbeAim? Aim { get; init; }

    public IReadOnlyList<RequiredCapability> Capabilities { get; init; } = [];

    /// <summary>Fields that were sent and have no effect.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    // A record's generated text would print the prompt's bytes.
    public override string ToString() => $"{Operation.Name} request for {Model}";
}

/// <param name="Name">What a node must be able to do, as in <c>ServedModel.capabilities</c>.</param>
/// <param name="Param">The field that asks for it.</param>
internal readonly record struct RequiredCapability(string Name, string Param);
