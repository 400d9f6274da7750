using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.OpenAI.Profiles;

/// <summary>The entries of <c>/v1/models</c>.</summary>
internal sealed record EngineListing(IReadOnlyList<JsonElement> Models)
{
    /// <summary>Who the first of them says it is owned by.</summary>
    public string Owner => Models.Count == 0 ? "" : Models[0].Get("owned_by").Text();
}

/// <summary>What an engine says of itself.</summary>
/// <param name="Version">Empty where it does not say.</param>
/// <param name="Slots">How many requests it runs side by side before others wait in it; null where it does not say.</param>
/// <param name="Load">Null where it does not say.</param>
/// <param name="Models">What a request may name.</param>
internal sealed record EngineReport(string Version, int? Slots, EngineLoad? Load, IReadOnlyList<ReportedModel> Models);

/// <param name="Name">As a request names it.</param>
/// <param name="Context">Tokens of prompt and completion together; null where the engine does not say.</param>
/// <param name="Quantization">Empty where it does not say.</param>
/// <param name="Capabilities">Names as in <c>ServedModel.capabilities</c>.</param>
internal sealed record ReportedModel(string Name, int? Context, string Quantization, IReadOnlyList<string> Capabilities);

/// <summary>Requests in the engine now, whoever's they are: the node's too.</summary>
/// <param name="Running">Being worked at.</param>
/// <param name="Waiting">Waiting for that.</param>
internal sealed record EngineLoad(int Running, int Waiting)
{
    public int Total => Running + Waiting;
}
