using System.Text.Json.Serialization;

namespace ComputeShare.Gateway.OpenAI;

internal sealed record ChatCompletion(
    [property: JsonPropertyOrder(-2)] string Id,
    long Created,
    string Model,
    IReadOnlyList<ChatChoice> Choices,
    Usage Usage,
    ComputeShareNote? Computeshare)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "chat.completion";
}

internal sealed record ChatChoice(
    int Index,
    ChatMessage Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChoiceLogprobs? Logprobs,
    string FinishReason);

internal sealed record ChatMessage(
    string Role,
    string Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Refusal,
    string? ReasoningContent);

internal sealed record ChoiceLogprobs(
    IReadOnlyList<TokenLogprobEntry> Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Refusal = null);

internal sealed record TokenLogprobEntry(string Token, float Logprob, IReadOnlyList<int> Bytes, IReadOnlyList<TopLogprob> TopLogprobs);

internal sealed record TopLogprob(string Token, float Logprob, IReadOnlyList<int> Bytes);

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
