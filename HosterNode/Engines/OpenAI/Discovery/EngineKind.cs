namespace ComputeShare.HosterNode.Engines.OpenAI.Discovery;

/// <summary>What differs between the servers that speak OpenAI's API (ENGINES.md §5).</summary>
/// <param name="Name">The software.</param>
/// <param name="VersionPath">Where it tells its version, as a property <c>version</c>; null where it does not.</param>
/// <param name="StopsAtContext">A generation that reaches the end of the context ends there; else it is refused when it might.</param>
/// <param name="HasOneModel">It has loaded what it lists, so that a question to a model costs little.</param>
/// <param name="Capabilities">What all its models that write can. What depends on how it was started is not among them.</param>
internal sealed record EngineKind(string Name, string? VersionPath, bool StopsAtContext, bool HasOneModel, IReadOnlyList<string> Capabilities)
{
    private static readonly string[] Common = ["chat", "completions", "seed", "penalties"];
    private static readonly string[] All = [.. Common, "logprobs", "logit_bias", "token_ids", "json_schema", "top_k", "min_p"];

    // Its json_object was free text when it was tried (ENGINES.md §2).
    public static EngineKind LlamaServer { get; } = new("llama.cpp", null, StopsAtContext: true, HasOneModel: true, [.. All, "typical_p"]);

    public static EngineKind Vllm { get; } = new(
        "vllm", EnginePaths.VllmVersion, StopsAtContext: false, HasOneModel: true, [.. All, "json_object", "repetition_penalty", "min_tokens"]);

    public static EngineKind SgLang { get; } = new("sglang", null, StopsAtContext: false, HasOneModel: true, [.. All, "json_object"]);

    public static EngineKind Ollama { get; } = new(
        "ollama", EnginePaths.OllamaVersion, StopsAtContext: true, HasOneModel: false, [.. Common, "json_schema", "json_object"]);

    /// <summary>Speaks the API; more is not known of it.</summary>
    public static EngineKind Other { get; } = new("openai-compatible", null, StopsAtContext: false, HasOneModel: false, Common);

    /// <param name="owner">What the first model's <c>owned_by</c> says.</param>
    public static EngineKind Of(string owner) => owner switch
    {
        "llamacpp" => LlamaServer,
        "vllm" => Vllm,
        "sglang" => SgLang,
        "library" => Ollama,
        _ => Other,
    };
}
