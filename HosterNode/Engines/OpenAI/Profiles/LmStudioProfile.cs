using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.OpenAI.Profiles;

/// <summary>
/// LM Studio. Of what lies on its disk only what is loaded is offered: a request for another model would load it, and perhaps throw out
/// what its owner works with.
/// </summary>
internal sealed class LmStudioProfile(EngineClient client) : EngineProfile
{
    private static readonly string[] Always = [.. Capabilities.Common, "logit_bias", "json_schema", "top_k"];

    public override string Name => "lm-studio";

    public override bool StopsAtContext => true;

    public override bool Owns(string owner) => owner == "organization_owner";

    public override async Task<EngineReport?> AskAsync(EngineListing listing, CancellationToken cancellationToken) =>
        Instances(await client.PageAsync(EnginePaths.LmStudioModels, cancellationToken))
        ?? Loaded(await client.PageAsync(EnginePaths.LmStudioModelsBefore, cancellationToken));

    /// <summary>From 0.4 on: several instances of a model, each with predictions side by side.</summary>
    private static EngineReport? Instances(JsonElement page)
    {
        var models = page.Get("models").Items().ToArray();
        if (!models.Any(model => model.Get("key").IsSet() && model.Get("loaded_instances").ValueKind == JsonValueKind.Array))
        {
            return null;
        }

        var instances = models.SelectMany(model => model.Get("loaded_instances").Items().Select(instance => (Model: model, Instance: instance))).ToArray();
        // Which of them a request will be for is not known: the narrowest decides.
        var slots = instances.Min(found => found.Instance.Get("config").Get("parallel").Count());
        return new EngineReport("", slots ?? 1, null, [.. instances.Select(found => new ReportedModel(
            found.Instance.Get("id").Text(),
            found.Instance.Get("config").Get("context_length").Count(),
            found.Model.Get("quantization").Get("name").Text(),
            Can(
                embeds: found.Model.Get("type").Text() == "embedding",
                found.Model.Get("capabilities").Get("trained_for_tool_use").ValueKind == JsonValueKind.True,
                found.Model.Get("capabilities").Get("vision").ValueKind == JsonValueKind.True)))]);
    }

    /// <summary>Before 0.4: one prediction after the other.</summary>
    private static EngineReport? Loaded(JsonElement page)
    {
        var models = page.Get("data").Items().ToArray();
        return !models.Any(model => model.Get("state").IsSet())
            ? null
            : new EngineReport("", 1, null, [.. models.Where(model => model.Get("state").Text() == "loaded").Select(model => new ReportedModel(
                model.Get("id").Text(),
                model.Get("loaded_context_length").Count(),
                model.Get("quantization").Text(),
                Can(
                    embeds: model.Get("type").Text() == "embeddings",
                    model.Get("capabilities").Items().Any(name => name.Text() == "tool_use"),
                    model.Get("type").Text() == "vlm")))]);
    }

    private static string[] Can(bool embeds, bool callsTools, bool sees) => embeds
        ? [Capabilities.Embeddings]
        : [.. Always, .. callsTools ? [Capabilities.Tools] : Array.Empty<string>(), .. sees ? [Capabilities.Images] : Array.Empty<string>()];
}
