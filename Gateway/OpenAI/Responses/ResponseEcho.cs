using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI.Responses;

/// <summary>What a response repeats of its request.</summary>
internal sealed class ResponseEcho
{
    private static readonly JsonElement NoTools = Parse("[]");
    private static readonly JsonElement Auto = Parse("\"auto\"");
    private static readonly JsonElement PlainText = Parse("""{"format":{"type":"text"}}""");
    private static readonly JsonElement NoMetadata = Parse("{}");

    public string? Instructions { get; set; }

    public uint? MaxOutputTokens { get; set; }

    public bool ParallelToolCalls { get; set; } = true;

    public JsonElement? Reasoning { get; set; }

    public double Temperature { get; set; } = 1;

    public double TopP { get; set; } = 1;

    public JsonElement Text { get; set; } = PlainText;

    public JsonElement ToolChoice { get; set; } = Auto;

    public JsonElement Tools { get; set; } = NoTools;

    public JsonElement Metadata { get; set; } = NoMetadata;

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
