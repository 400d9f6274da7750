using System.Text.Json;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Engines.OpenAI.Profiles;

/// <summary>
/// One kind of server that speaks OpenAI's API: how it is recognised, where it tells what it serves, and what its requests have beside
/// OpenAI's fields (docs/engines.md). One object per address: some remember what they were told.
/// </summary>
internal abstract class EngineProfile
{
    /// <summary>The software.</summary>
    public abstract string Name { get; }

    /// <summary>A generation that reaches the end of the context ends there; else it is refused when it might.</summary>
    public virtual bool StopsAtContext => false;

    /// <summary>How it is asked for a text's tokens; null: it goes on with no text that another node began.</summary>
    public virtual EngineTokenizer? Tokenizer => null;

    /// <summary>All that are known, the one that is asked last, because it takes anybody, at the end.</summary>
    public static EngineProfile[] AllOf(EngineClient client) =>
    [
        new LlamaServerProfile(client), new VllmProfile(client), new SgLangProfile(client), new LmStudioProfile(client), new TgiProfile(client),
        new OllamaProfile(client), new PlainProfile(),
    ];

    /// <summary>Its models say <c>owned_by</c> this: a reason to ask it first, and no more.</summary>
    public virtual bool Owns(string owner) => false;

    /// <returns>What it says of itself; null: another kind of server answers here.</returns>
    public abstract Task<EngineReport?> AskAsync(EngineListing listing, CancellationToken cancellationToken);

    /// <summary>Writes what the engine understands beside OpenAI's fields: nothing of it is the caller's.</summary>
    public virtual void WriteExtras(Utf8JsonWriter json, GenerateRequest request, string version)
    {
    }
}
