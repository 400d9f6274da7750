using System.Text.Json.Serialization;

namespace ComputeShare.Gateway.OpenAI.TextCompletions;

/// <summary>An answer, or one event of it: both have one shape. Mutable, so that a stream writes all its events with one instance.</summary>
internal class TextCompletion
{
    [JsonPropertyOrder(0)]
    public required string Id { get; init; }

    [JsonPropertyOrder(1)]
    public string Object { get; } = "text_completion";

    /// <summary>Unix seconds, the same in every chunk.</summary>
    [JsonPropertyOrder(2)]
    public required long Created { get; init; }

    /// <summary>What was asked for, such as <c>auto</c>.</summary>
    [JsonPropertyOrder(3)]
    public required string Model { get; init; }

    [JsonPropertyOrder(4)]
    public IReadOnlyList<TextChoice> Choices { get; set; } = [];

    [JsonPropertyOrder(6)]
    public ComputeShareNote? Computeshare { get; set; }
}

/// <summary>A whole answer; also with <c>stream_options.include_usage</c>, where usage is null in every chunk but the last.</summary>
internal sealed class TextCompletionWithUsage : TextCompletion
{
    [JsonPropertyOrder(5), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Usage? Usage { get; set; }
}

internal sealed class TextChoice
{
    public string Text { get; set; } = "";

    public int Index { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public TextLogprobs? Logprobs { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? FinishReason { get; set; }
}
