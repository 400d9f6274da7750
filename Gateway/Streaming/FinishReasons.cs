using ComputeShare.Contracts.Inference;

namespace ComputeShare.Gateway.Streaming;

/// <summary>OpenAI's finish reasons, and no others: official SDKs fail on unknown ones.</summary>
internal static class FinishReasons
{
    public const string Stop = "stop";
    public const string Length = "length";
    public const string ToolCalls = "tool_calls";
    public const string ContentFilter = "content_filter";

    /// <returns>Null for what is unknown, which is the node's error.</returns>
    public static string? From(FinishReason reason) => reason switch
    {
        FinishReason.Stop => Stop,
        FinishReason.Length => Length,
        FinishReason.ToolCalls => ToolCalls,
        FinishReason.ContentFilter => ContentFilter,
        _ => null,
    };
}
