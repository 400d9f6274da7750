using System.Text.Json.Serialization;

namespace ComputeShare.Gateway.OpenAI.Chat;

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
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Refusal,
    string? ReasoningContent,
    IReadOnlyList<ChatToolCall>? ToolCalls);

internal sealed record ChatToolCall([property: JsonPropertyOrder(-2)] string Id, ChatFunctionCall Function)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "function";
}

internal sealed record ChatFunctionCall(string Name, string Arguments);
