namespace ComputeShare.HosterNode.Engines;

/// <summary>What an engine offers.</summary>
/// <param name="Engine">Name of the software, such as <c>built-in</c>.</param>
/// <param name="Version">Its version.</param>
/// <param name="MaxSlots">How many choices it can run side by side; null when the node's own number is the only limit.</param>
/// <param name="Models">What it serves.</param>
internal sealed record EngineDescription(string Engine, string Version, int? MaxSlots, IReadOnlyList<EngineModel> Models);

/// <param name="LocalName">The engine's own name of the model.</param>
/// <param name="Digest"><c>sha256:…</c> of the weights; empty when the engine cannot tell.</param>
/// <param name="Quantization">As in GGUF's general.file_type; empty when unknown.</param>
/// <param name="ContextLength">Tokens of prompt and completion together, per slot.</param>
/// <param name="Capabilities">Names as in <c>ServedModel.capabilities</c>.</param>
/// <param name="Fingerprint">Equal fingerprints give equal text for equal requests.</param>
internal sealed record EngineModel(
    string LocalName,
    string Digest,
    string Quantization,
    int ContextLength,
    IReadOnlyList<string> Capabilities,
    string Fingerprint);
