using System.Text.Json.Serialization;

namespace ComputeShare.Gateway.OpenAI;

internal sealed record Usage(
    long PromptTokens,
    long CompletionTokens,
    [property: JsonPropertyOrder(1)] PromptTokensDetails PromptTokensDetails,
    [property: JsonPropertyOrder(1)] CompletionTokensDetails CompletionTokensDetails)
{
    public long TotalTokens => PromptTokens + CompletionTokens;
}

internal sealed record PromptTokensDetails(long CachedTokens);

internal sealed record CompletionTokensDetails(long ReasoningTokens);
