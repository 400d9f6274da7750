using System.Text.Json;
using System.Text.Json.Serialization;

namespace ComputeShare.Gateway.OpenAI.Responses;

/// <summary>The object of <c>/v1/responses</c>: alone, and inside the first and last events of a stream.</summary>
internal sealed record Response
{
    [JsonPropertyOrder(-3)]
    public required string Id { get; init; }

    [JsonPropertyOrder(-2)]
    public string Object { get; } = "response";

    [JsonPropertyOrder(-1)]
    public required long CreatedAt { get; init; }

    /// <summary><c>in_progress</c>, <c>completed</c>, <c>incomplete</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    public bool Background { get; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ResponseFailure? Error { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IncompleteDetails? IncompleteDetails { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? Instructions { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required uint? MaxOutputTokens { get; init; }

    public required string Model { get; init; }

    public IReadOnlyList<ResponseItem> Output { get; init; } = [];

    public required bool ParallelToolCalls { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? PreviousResponseId { get; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required JsonElement? Reasoning { get; init; }

    public bool Store { get; }

    public required double Temperature { get; init; }

    public required JsonElement Text { get; init; }

    public required JsonElement ToolChoice { get; init; }

    public required JsonElement Tools { get; init; }

    public required double TopP { get; init; }

    public string Truncation { get; } = "disabled";

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ResponseUsage? Usage { get; init; }

    public required JsonElement Metadata { get; init; }

    public ComputeShareNote? Computeshare { get; init; }

    // A record's generated text would print what was asked and answered.
    public override string ToString() => $"response {Id} {Status}";
}

internal sealed record ResponseFailure(string Code, string Message);

internal sealed record IncompleteDetails(string Reason);

internal sealed record ResponseUsage(
    long InputTokens,
    PromptTokensDetails InputTokensDetails,
    long OutputTokens,
    CompletionTokensDetails OutputTokensDetails)
{
    public long TotalTokens => InputTokens + OutputTokens;
}

/// <summary>A message, thoughts, or a call: fields that an item's type does not have are null and left out.</summary>
internal sealed record ResponseItem
{
    public required string Id { get; init; }

    public required string Type { get; init; }

    public required string Status { get; init; }

    public string? Role { get; init; }

    public IReadOnlyList<ResponsePart>? Summary { get; init; }

    public IReadOnlyList<ResponsePart>? Content { get; init; }

    public string? CallId { get; init; }

    public string? Name { get; init; }

    public string? Arguments { get; init; }

    public override string ToString() => $"{Type} {Id} {Status}";
}

internal sealed record ResponsePart
{
    public required string Type { get; init; }

    public required string Text { get; init; }

    public IReadOnlyList<string>? Annotations { get; init; }

    public IReadOnlyList<TokenLogprobEntry>? Logprobs { get; init; }

    public override string ToString() => Type;
}
