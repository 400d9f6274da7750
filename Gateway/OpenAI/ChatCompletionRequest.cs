namespace ComputeShare.Gateway.OpenAI;

/// <summary>A validated request. The caller's JSON itself is not kept: what a node may see of it is <see cref="WorkBody"/>.</summary>
internal sealed record ChatCompletionRequest
{
    /// <summary>As asked for: <c>auto</c>, an id or an alias. Repeated in every answer.</summary>
    public required string Model { get; init; }

    /// <summary>JSON for the node, rebuilt from allow-listed fields (<c>ChatWork.body</c>).</summary>
    public required ReadOnlyMemory<byte> WorkBody { get; init; }

    /// <summary>UTF-8 bytes of all text in the messages.</summary>
    public required long PromptBytes { get; init; }

    public required int MessageCount { get; init; }

    public bool Stream { get; init; }

    public bool IncludeUsage { get; init; }

    /// <summary>Per choice; null = as many as fit.</summary>
    public uint? MaxTokens { get; init; }

    /// <summary>How many answers: <c>n</c>.</summary>
    public uint Choices { get; init; } = 1;

    public IReadOnlyList<string> Stop { get; init; } = [];

    public bool Logprobs { get; init; }

    /// <summary>What a node must be able to do, as in <c>ServedModel.capabilities</c>.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>Fields that were sent and have no effect.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    // A record's generated text would print the prompt's bytes.
    public override string ToString() => $"chat request for {Model}";
}

/// <summary>The request is wrong; the caller is told how. Never carries what the caller wrote, but field names.</summary>
internal sealed class RequestRefusedException(OpenAIError error) : Exception(error.Message)
{
    public OpenAIError Error => error;

    public static RequestRefusedException For(string param, string rule) => new(OpenAIError.Invalid($"Invalid '{param}': {rule}.", param));

    public static RequestRefusedException Missing(string param) =>
        new(OpenAIError.Invalid($"Missing required parameter: '{param}'.", param));

    public static RequestRefusedException Unsupported(string param) => new(OpenAIError.Unsupported(param));
}
