using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Generations;

/// <summary>From what Billing, or this gateway, knows of a request to what its caller is told.</summary>
internal static class GenerationView
{
    public static GenerationBody Settled(RequestId id, Generation generation)
    {
        var record = generation.Record ?? new GenerationRecord();
        return new GenerationBody(
            AnswerId(record.Operation, id),
            $"req_{id.Value}",
            GenerationId.CreatedAt(id).ToUnixTimeSeconds(),
            Status(record.Status),
            Text(record.Outcome),
            Text(record.FinishReason),
            record.Operation.Length > 0 ? record.Operation : "chat",
            record.RequestedModel,
            Text(record.ServedModel),
            Text(record.HosterName),
            record.Attempts,
            record.Streamed,
            UsageOf(generation.Shares, record.ReasoningTokens),
            record.CountsAreBounded,
            record.EngineCounts is { } counts ? new EngineUsageBody(counts.PromptTokens, counts.CompletionTokens) : null,
            new GenerationCost(new Money(generation.Amount).ToString(), generation.Amount),
            new GenerationTiming(record.QueueMs, record.TtftMs, record.TotalMs),
            DateTimeOffset.FromUnixTimeMilliseconds(generation.SettledAt).ToUnixTimeSeconds());
    }

    public static GenerationBody InProgress(CompletionContext context) => new(
        context.AnswerId,
        $"req_{context.Id.Value}",
        context.Created,
        "in_progress",
        Outcome: null,
        FinishReason: null,
        context.Request.Operation.Name,
        context.Request.Model,
        context.Lease?.ModelId,
        context.Lease?.HosterName,
        context.Attempt,
        context.Request.Stream,
        Usage: null,
        CountsAreBounded: context.CountsAreBounded,
        EngineUsage: null,
        Cost: null,
        Timing: null,
        SettledAt: null);

    private static Usage UsageOf(IEnumerable<Share> shares, uint reasoning)
    {
        long prompt = 0, cached = 0, completion = 0;
        foreach (var share in shares)
        {
            prompt += (long)share.PromptTokens + share.CachedTokens;
            cached += share.CachedTokens;
            completion += share.CompletionTokens;
        }

        return new Usage(prompt, completion, new PromptTokensDetails(cached), new CompletionTokensDetails(reasoning));
    }

    private static string AnswerId(string operation, RequestId id) => operation switch
    {
        "completion" => "cmpl-",
        "response" => "resp_",
        "embedding" => "req_",
        _ => "chatcmpl-",
    } + id.Value;

    private static string Status(GenerationStatus status) => status switch
    {
        GenerationStatus.Completed => "completed",
        GenerationStatus.Cancelled => "cancelled",
        GenerationStatus.Recovered => "recovered",
        _ => "failed",
    };

    private static string? Text(string text) => text.Length > 0 ? text : null;
}
