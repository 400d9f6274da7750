using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.OpenAI.Profiles;

/// <summary>llama.cpp's <c>llama-server</c>, which says in <c>/props</c> how many slots it has.</summary>
internal sealed class LlamaServerProfile(EngineClient client) : EngineProfile
{
    // Its json_object was free text when it was tried (ENGINES.md §2).
    private static readonly string[] Always = [.. Capabilities.Serving, "typical_p"];

    private readonly OnceAsked<bool> _embeds = new();

    public override string Name => "llama.cpp";

    public override bool StopsAtContext => true;

    public override EngineTokenizer? Tokenizer => EngineTokenizer.LlamaServer;

    public override bool Owns(string owner) => owner == "llamacpp";

    public override async Task<EngineReport?> AskAsync(EngineListing listing, CancellationToken cancellationToken)
    {
        var properties = await client.PageAsync(EnginePaths.LlamaProperties, cancellationToken);
        if (properties.Get("total_slots").Count() is not { } slots)
        {
            return null;
        }

        var version = properties.Get("build_info").Text();
        var models = new List<ReportedModel>();
        foreach (var listed in listing.Models)
        {
            var name = listed.Get("id").Text();
            var embeds = await _embeds.GetAsync(version, name, token => client.EmbedsAsync(name, token), otherwise: false, cancellationToken);
            // One that makes embeddings writes nothing.
            string[] can = embeds ? [Capabilities.Embeddings] : [.. Always, .. OfProperties(properties)];
            models.Add(new ReportedModel(name, Context(listed, properties), Quantization(listed.Get("meta").Get("ftype").Text()), can));
        }

        return new EngineReport(version, slots, await LoadAsync(cancellationToken), models);
    }

    /// <summary>What it says of the loaded model and its template.</summary>
    private static IEnumerable<string> OfProperties(JsonElement properties)
    {
        var template = properties.Get("chat_template_caps");
        if (template.Get("supports_tools").ValueKind == JsonValueKind.True && template.Get("supports_tool_calls").ValueKind == JsonValueKind.True)
        {
            yield return Capabilities.Tools;
        }

        if (properties.Get("modalities").Get("vision").ValueKind == JsonValueKind.True)
        {
            yield return Capabilities.Images;
        }
    }

    /// <summary>Of one slot.</summary>
    private static int? Context(JsonElement listed, JsonElement properties) =>
        listed.Get("meta").Get("n_ctx").Count() ?? properties.Get("default_generation_settings").Get("n_ctx").Count();

    // It writes "all F32", "mostly Q8_0" and "Q4_K - Medium" for F32, Q8_0 and Q4_K_M.
    private static string Quantization(string type)
    {
        var name = type.Replace("all ", "", StringComparison.Ordinal).Replace("mostly ", "", StringComparison.Ordinal);
        var dash = name.IndexOf(" - ", StringComparison.Ordinal);
        return dash > 0 && dash + 3 < name.Length ? $"{name[..dash]}_{name[dash + 3]}" : name;
    }

    /// <summary>Its queue stays out of sight: what waits has no slot.</summary>
    private async Task<EngineLoad?> LoadAsync(CancellationToken cancellationToken)
    {
        var slots = await client.OptionalPageAsync(EnginePaths.LlamaSlots, cancellationToken);
        return slots.ValueKind == JsonValueKind.Array
            ? new EngineLoad(slots.Items().Count(slot => slot.Get("is_processing").ValueKind == JsonValueKind.True), Waiting: 0)
            : null;
    }
}
