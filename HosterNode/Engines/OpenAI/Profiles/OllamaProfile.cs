using System.Globalization;
using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.OpenAI.Profiles;

/// <summary>
/// Ollama. It loads a model when one is asked for, with a context that it decides on then, and runs one request at a time unless its owner
/// has set <c>OLLAMA_NUM_PARALLEL</c>, which it does not tell. Models that run at Ollama's own servers are not offered: their prompts would
/// leave the machine.
/// </summary>
internal sealed class OllamaProfile(EngineClient client) : EngineProfile
{
    public const string Software = "ollama";

    private const int SlotsUnlessSet = 1;

    // What a model has at least until it is loaded, unless its own file says otherwise; half of it before versions that tell capabilities.
    private const int ContextUntilLoaded = 4096;

    private static readonly string[] Writes = [.. Capabilities.Common, "json_schema", "json_object"];

    // Its names for what a model can.
    private static readonly Dictionary<string, string[]> Names = new(StringComparer.Ordinal)
    {
        ["completion"] = Writes,
        ["tools"] = [Capabilities.Tools],
        ["vision"] = [Capabilities.Images],
        ["thinking"] = ["reasoning_effort"],
        ["embedding"] = [Capabilities.Embeddings, "dimensions"],
    };

    private readonly OnceAsked<Shown> _shown = new();

    // A model that was unloaded will be loaded with the same context again.
    private readonly Dictionary<string, int> _contexts = new(StringComparer.Ordinal);

    public override string Name => Software;

    public override bool StopsAtContext => true;

    public override bool Owns(string owner) => owner == "library";

    public override async Task<EngineReport?> AskAsync(EngineListing listing, CancellationToken cancellationToken)
    {
        var version = (await client.PageAsync(EnginePaths.OllamaVersion, cancellationToken)).Get("version").Text();
        var local = await client.PageAsync(EnginePaths.OllamaTags, cancellationToken);
        if (version.Length == 0 || local.Get("models").ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        foreach (var loaded in (await client.PageAsync(EnginePaths.OllamaLoaded, cancellationToken)).Get("models").Items())
        {
            if (loaded.Get("context_length").Count() is > 0 and { } context)
            {
                _contexts[loaded.Get("model").Text()] = context;
            }
        }

        var models = new List<ReportedModel>();
        foreach (var tag in local.Get("models").Items().Where(tag => tag.Get("remote_host").Text().Length == 0))
        {
            var name = tag.Get("model").Text();
            // Another digest is another model under the same name.
            var key = $"{name} {tag.Get("digest").Text()}";
            var shown = await _shown.GetAsync(version, key, token => ShowAsync(name, token), Shown.Nothing, cancellationToken);
            if (!shown.IsRemote)
            {
                models.Add(new ReportedModel(
                    name, _contexts.TryGetValue(name, out var context) ? context : shown.Context, tag.Get("details").Get("quantization_level").Text(), shown.Can));
            }
        }

        return new EngineReport(version, SlotsUnlessSet, null, models);
    }

    private async Task<Shown> ShowAsync(string model, CancellationToken cancellationToken)
    {
        var body = $"{{\"model\":{JsonSerializer.Serialize(model)}}}";
        var page = (await client.AskAsync(EnginePaths.OllamaShow, body, cancellationToken)).Body ?? default;
        var said = page.Get("capabilities").Items().Select(name => name.Text()).ToArray();
        var trained = page.Get("model_info").IsObject()
            ? page.Get("model_info").EnumerateObject().FirstOrDefault(fact => fact.Name.EndsWith(".context_length", StringComparison.Ordinal)).Value.Count()
            : null;
        var asked = Parameter(page.Get("parameters").Text(), "num_ctx") ?? (said.Length == 0 ? ContextUntilLoaded / 2 : ContextUntilLoaded);
        return new Shown(
            page.Get("remote_host").Text().Length > 0,
            Math.Min(asked, trained ?? asked),
            said.Length == 0 ? Writes : [.. said.SelectMany(name => Names.GetValueOrDefault(name) ?? [])]);
    }

    /// <summary>Of lines of names and values, with blanks between them.</summary>
    private static int? Parameter(string lines, string name)
    {
        foreach (var line in lines.Split('\n'))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var key, var value] && key == name
                && int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0)
            {
                return number;
            }
        }

        return null;
    }

    /// <param name="IsRemote">It runs elsewhere.</param>
    /// <param name="Context">Unless it is loaded with another.</param>
    /// <param name="Can">Names of capabilities.</param>
    private sealed record Shown(bool IsRemote, int Context, IReadOnlyList<string> Can)
    {
        public static Shown Nothing { get; } = new(IsRemote: true, 0, []);
    }
}
