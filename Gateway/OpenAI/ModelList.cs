using System.Text.Json.Serialization;

namespace ComputeShare.Gateway.OpenAI;

internal sealed record ModelList(IReadOnlyList<Model> Data)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "list";
}

internal sealed record Model([property: JsonPropertyOrder(-2)] string Id, long Created, string OwnedBy)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "model";
}
