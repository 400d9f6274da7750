using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>How much a model thinks first, for nodes whose engines can be told.</summary>
internal static class ReasoningEffort
{
    private static readonly string[] Efforts = ["none", "minimal", "low", "medium", "high", "xhigh"];

    public static void Write(JsonElement value, string param, Utf8JsonWriter output, RequiredCapabilities required)
    {
        var effort = value.ReadString(param);
        if (!Efforts.Contains(effort))
        {
            throw RequestRefusedException.For(param, $"it must be one of {string.Join(", ", Efforts)}");
        }

        required.Add("reasoning_effort", param);
        output.WriteString("reasoning_effort", effort);
    }
}
