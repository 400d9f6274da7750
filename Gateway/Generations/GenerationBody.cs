using System.Text.Json.Serialization;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Generations;

/// <summary>What one request used and cost.</summary>
/// <param name="Id">As in its answer.</param>
/// <param name="RequestId">As in its <c>x-request-id</c>.</param>
/// <param name="Created">Unix seconds of its arrival.</param>
/// <param name="Status"><c>in_progress</c>, <c>completed</c>, <c>cancelled</c>, <c>failed</c>, or <c>recovered</c>: its gateway died.</param>
/// <param name="Outcome">How it ended, more closely; the code of the error that the caller got, where that has none of its own.</param>
/// <param name="Operation"><c>chat</c>, <c>completion</c>, <c>embedding</c> or <c>response</c>.</param>
/// <param name="Model">What was asked for.</param>
/// <param name="ServedModel">Which model served it.</param>
/// <param name="Hoster">The public name of who served it.</param>
/// <param name="Usage">What is paid for.</param>
/// <param name="CountsAreBounded">The counts are bounds, not the model's own tokenisation.</param>
/// <param name="EngineUsage">What the node's engine reported, for comparison.</param>
/// <param name="Cost">Null while it runs.</param>
/// <param name="SettledAt">Unix seconds; null while it runs.</param>
internal sealed record GenerationBody(
    [property: JsonPropertyOrder(-2)] string Id,
    string RequestId,
    long Created,
    string Status,
    string? Outcome,
    string? FinishReason,
    string Operation,
    string Model,
    string? ServedModel,
    string? Hoster,
    uint Attempts,
    bool Streamed,
    Usage? Usage,
    bool CountsAreBounded,
    EngineUsageBody? EngineUsage,
    GenerationCost? Cost,
    GenerationTiming? Timing,
    long? SettledAt)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "generation";
}

internal sealed record EngineUsageBody(uint PromptTokens, uint CompletionTokens);

/// <param name="Usd">Exact decimal dollars.</param>
internal sealed record GenerationCost(string Usd, long NanoUsd);

internal sealed record GenerationTiming(uint QueueMs, uint TimeToFirstTokenMs, uint TotalMs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(GenerationBody))]
internal sealed partial class GenerationJsonContext : JsonSerializerContext;
