namespace ComputeShare.HosterNode.Engines.OpenAI.Discovery;

/// <summary>What differs between the servers that speak OpenAI's API (ENGINES.md §5).</summary>
/// <param name="Name">The software.</param>
/// <param name="VersionPath">Where it tells its version, as a property <c>version</c>; null where it does not.</param>
/// <param name="StopsAtContext">A generation that reaches the end of the context ends there; else it is refused when it might.</param>
/// <param name="Capabilities">What all its models can; one array per kind, so that equal descriptions are equal.</param>
internal sealed record EngineKind(string Name, string? VersionPath, bool StopsAtContext, IReadOnlyList<string> Capabilities)
{
    private static readonly string[] Common = ["chat", "completions", "seed", "penalties"];
    private static readonly string[] All = [.. Common, "logprobs", "logit_bias", "top_k", "min_p"];

    public static EngineKind LlamaServer { get; } = new("llama.cpp", null, StopsAtContext: true, All);

    public static EngineKind Vllm { get; } = new("vllm", EnginePaths.VllmVersion, StopsAtContext: false, All);

    public static EngineKind SgLang { get; } = new("sglang", null, StopsAtContext: false, All);

    public static EngineKind Ollama { get; } = new("ollama", EnginePaths.OllamaVersion, StopsAtContext: true, Common);

    /// <summary>Speaks the API; more is not known of it.</summary>
    public static EngineKind Other { get; } = new("openai-compatible", null, StopsAtContext: false, Common);

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
