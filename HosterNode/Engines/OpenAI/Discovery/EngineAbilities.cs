using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Engines.OpenAI.Discovery;

/// <summary>
/// What one model can do: what its kind of engine always can, what the engine says or shows of it, and what its owner says. The engine
/// is asked once per model and version, because that takes a request.
/// </summary>
internal sealed class EngineAbilities(EngineClient client, IOptions<OpenAIEngineOptions> options)
{
    private const string Embeddings = "embeddings";

    // Ollama's names for what a model can.
    private static readonly Dictionary<string, string[]> OllamaNames = new(StringComparer.Ordinal)
    {
        ["completion"] = [.. EngineKind.Ollama.Capabilities],
        ["tools"] = ["tools"],
        ["vision"] = ["images"],
        ["thinking"] = ["reasoning_effort"],
        ["embedding"] = [Embeddings, "dimensions"],
    };

    private readonly Dictionary<(string Engine, string Version, string Model), string[]> _asked = [];

    // Equal lists are one list, so that equal descriptions are equal.
    private readonly Dictionary<string, IReadOnlyList<string>> _lists = new(StringComparer.Ordinal);

    public async Task<IReadOnlyList<string>> OfAsync(EngineKind kind, string version, string model, JsonElement properties, CancellationToken cancellationToken)
    {
        var asked = await AskOnceAsync(kind, version, model, cancellationToken);
        string[] names = [.. asked.Concat(asked.Contains("chat") ? OfProperties(properties) : []).Concat(options.Value.Capabilities).Distinct()];
        var key = string.Join(' ', names);
        return _lists.TryGetValue(key, out var list) ? list : _lists[key] = names;
    }

    private async Task<string[]> AskOnceAsync(EngineKind kind, string version, string model, CancellationToken cancellationToken)
    {
        if (_asked.TryGetValue((kind.Name, version, model), out var known))
        {
            return known;
        }

        try
        {
            return _asked[(kind.Name, version, model)] = await AskAsync(kind, model, cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It is busy, and will be asked again.
            return [.. kind.Capabilities];
        }
    }

    private async Task<string[]> AskAsync(EngineKind kind, string model, CancellationToken cancellationToken)
    {
        if (kind == EngineKind.Ollama)
        {
            var shown = (await client.AskAsync(EnginePaths.OllamaShow, $"{{\"model\":{JsonSerializer.Serialize(model)}}}", cancellationToken)).Body ?? default;
            var said = shown.Get("capabilities").Items().Select(name => name.Text()).ToArray();
            return said.Length == 0 ? [.. kind.Capabilities] : [.. said.SelectMany(name => OllamaNames.GetValueOrDefault(name) ?? [])];
        }

        // These serve one model, which is loaded. One that makes embeddings writes nothing.
        return kind.HasOneModel && await EmbedsAsync(model, cancellationToken) ? [Embeddings] : [.. kind.Capabilities];
    }

    private async Task<bool> EmbedsAsync(string model, CancellationToken cancellationToken)
    {
        var body = $$"""{"model":{{JsonSerializer.Serialize(model)}},"input":["x"],"encoding_format":"float"}""";
        var answer = await client.AskAsync(EnginePaths.Embeddings, body, cancellationToken);
        return answer is { Status: HttpStatusCode.OK, Body: { } json } && json.Get("data").Items().Any();
    }

    /// <summary>What llama.cpp says of the loaded model and its template.</summary>
    private static IEnumerable<string> OfProperties(JsonElement properties)
    {
        var template = properties.Get("chat_template_caps");
        if (template.Get("supports_tools").ValueKind == JsonValueKind.True && template.Get("supports_tool_calls").ValueKind == JsonValueKind.True)
        {
            yield return "tools";
        }

        if (properties.Get("modalities").Get("vision").ValueKind == JsonValueKind.True)
        {
            yield return "images";
        }
    }
}
