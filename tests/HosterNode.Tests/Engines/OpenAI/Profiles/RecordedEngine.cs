namespace ComputeShare.HosterNode.Tests.Engines.OpenAI.Profiles;

/// <summary>What an engine says on the wire, trimmed to what matters here, and what is to be made of it.</summary>
/// <param name="Name">The engine, as a node calls it.</param>
/// <param name="Version">As a node tells it.</param>
/// <param name="Model">The model that it offers.</param>
/// <param name="Context">Its context.</param>
/// <param name="Slots">Null: it does not say.</param>
/// <param name="Load">Running and waiting; null: it does not say.</param>
/// <param name="Capabilities">Of the model.</param>
/// <param name="Pages">What it says of itself, by path.</param>
/// <param name="Stream">The events of a chat that says "Hello there".</param>
/// <param name="Usage">Prompt, cached and completion tokens that it reports for it.</param>
internal sealed record RecordedEngine(
    string Name,
    string Version,
    string Model,
    int Context,
    int? Slots,
    (int Running, int Waiting)? Load,
    string Capabilities,
    IReadOnlyDictionary<string, string> Pages,
    IReadOnlyList<string> Stream,
    (uint Prompt, uint Cached, uint Completion) Usage)
{
    /// <summary>To every other path; null: 404.</summary>
    public string? Elsewhere { get; init; }

    /// <summary>The ids of the tokens that its stream tells; null: none.</summary>
    public IReadOnlyList<uint>? TokenIds { get; init; }

    /// <summary>This engine, on a port.</summary>
    public async Task<FakeEngine> StartAsync()
    {
        var engine = new FakeEngine { Properties = null, Elsewhere = Elsewhere };
        foreach (var (path, page) in Pages)
        {
            engine.Pages[path] = page;
        }

        engine.OnChat = FakeEngine.Streams([.. Stream]);
        await engine.ServeAsync();
        return engine;
    }
}
