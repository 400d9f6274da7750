using ComputeShare.Contracts.Inference;

namespace ComputeShare.Gateway.Streaming;

internal static class DeltaContent
{
    /// <summary>There is something in it that a consumer would see: what deadlines wait for. A node that says nothing, again and again, is silent.</summary>
    public static bool HasContent(this Delta delta) =>
        delta.Text.Length > 0 || delta.Reasoning.Length > 0 || delta.ToolCalls.Count > 0 || delta.Embedding.Count > 0;
}
