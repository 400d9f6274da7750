using System.Text.Json.Serialization;

namespace ComputeShare.Gateway.OpenAI.Chat;

/// <summary>One event of a stream. Mutable, so that a stream writes all its events with one instance.</summary>
internal class ChatCompletionChunk
{
    [JsonPropertyOrder(0)]
    public required string Id { get; init; }

    [JsonPropertyOrder(1)]
    public string Object { get; } = "chat.completion.chunk";

    /// <summary>Unix seconds, the same in every chunk.</summary>
    [JsonPropertyOrder(2)]
    public required long Created { get; init; }

    /// <summary>What was asked for, such as <c>auto</c>.</summary>
    [JsonPropertyOrder(3)]
    public required string Model { get; init; }

    [JsonPropertyOrder(4)]
    public IReadOnlyList<ChunkChoice> Choices { get; set; } = [];

    [JsonPropertyOrder(6)]
    public ComputeShareNote? Computeshare { get; set; }
}

/// <summary>With <c>stream_options.include_usage</c>: usage is null in every chunk but the last.</summary>
internal sealed class ChatCompletionUsageChunk : ChatCompletionChunk
{
    [JsonPropertyOrder(5), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Usage? Usage { get; set; }
}

internal sealed class ChunkChoice
{
    public int Index { get; set; }

    public ChunkDelta Delta { get; } = new();

    public ChoiceLogprobs? Logprobs { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? FinishReason { get; set; }
}

/// <summary>Fields that say nothing are left out, never null: strict clients break on nulls (PAINS 24).</summary>
internal sealed class ChunkDelta
{
    public string? Role { get; set; }

    public string? Content { get; set; }

    public string? ReasoningContent { get; set; }

    public IReadOnlyList<ChunkToolCall>? ToolCalls { get; set; }

    public void Clear()
    {
        Role = Content = ReasoningContent = null;
        ToolCalls = null;
    }
}

/// <summary>Id, type and name only where the call begins.</summary>
internal sealed record ChunkToolCall(int Index, string? Id, string? Type, ChunkFunction Function);

internal sealed record ChunkFunction(string? Name, string Arguments);
