using System.Text.Json;
using System.Text.Json.Serialization;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Requests;

/// <summary>The fields of a chat or completion body that this engine acts on, or must refuse. Others change nothing here.</summary>
internal sealed record RequestBody
{
    public IReadOnlyList<ChatMessage>? Messages { get; init; }

    /// <summary>Of completions: a text, a list of token ids, or a list of either.</summary>
    public JsonElement Prompt { get; init; }

    /// <summary>Of embeddings: the same.</summary>
    public JsonElement Input { get; init; }

    /// <summary>Of embeddings: how many numbers a vector has.</summary>
    public int? Dimensions { get; init; }

    public int? N { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public int? TopK { get; init; }

    public float? MinP { get; init; }

    /// <summary>The text does not end by itself before it has so many tokens.</summary>
    public int? MinTokens { get; init; }

    public long? Seed { get; init; }

    public float? PresencePenalty { get; init; }

    public float? FrequencyPenalty { get; init; }

    public Dictionary<string, float>? LogitBias { get; init; }

    /// <summary>A truth value in chats, a number in completions.</summary>
    public JsonElement Logprobs { get; init; }

    public int? TopLogprobs { get; init; }

    public JsonElement Tools { get; init; }

    public JsonElement ToolChoice { get; init; }

    public bool? ParallelToolCalls { get; init; }

    public JsonElement Functions { get; init; }

    public JsonElement ResponseFormat { get; init; }

    public JsonElement Suffix { get; init; }

    public bool? Echo { get; init; }

    public int? BestOf { get; init; }
}

/// <param name="Role">system, developer, user, assistant or tool.</param>
/// <param name="Content">A text, or a list of parts.</param>
/// <param name="ToolCalls">Of an assistant: what it called.</param>
internal sealed record ChatMessage(string? Role, JsonElement Content, JsonElement ToolCalls);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RequestBody))]
internal sealed partial class RequestBodyJson : JsonSerializerContext;
