namespace ComputeShare.HosterNode.Joining;

/// <summary>Where an engine listens when nobody told it otherwise. Who it really is, it is asked.</summary>
/// <param name="Engines">Whose habit it is, for people.</param>
internal readonly record struct UsualPort(int Port, string Engines)
{
    /// <summary>Shared ports stand once.</summary>
    public static IReadOnlyList<UsualPort> All { get; } =
    [
        new(8080, "llama-server, LocalAI, TGI in a container"),
        new(11434, "Ollama"),
        new(8000, "vLLM"),
        new(1234, "LM Studio"),
        new(30000, "SGLang"),
        new(3000, "TGI"),
        new(5000, "text-generation-webui, TabbyAPI"),
        new(5001, "KoboldCpp"),
        new(1337, "Jan"),
    ];
}
