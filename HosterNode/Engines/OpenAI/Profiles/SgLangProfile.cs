using System.Text.Json;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Engines.OpenAI.Profiles;

/// <summary>SGLang, which tells its settings and its load as JSON.</summary>
internal sealed class SgLangProfile(EngineClient client) : EngineProfile
{
    private static readonly string[] Always = [.. Capabilities.Serving, "json_object"];

    private readonly OnceAsked<bool> _embeds = new();

    public override string Name => "sglang";

    public override EngineTokenizer? Tokenizer => EngineTokenizer.Vllm;

    public override bool Owns(string owner) => owner == "sglang";

    public override async Task<EngineReport?> AskAsync(EngineListing listing, CancellationToken cancellationToken)
    {
        if (!Owns(listing.Owner))
        {
            return null;
        }

        var server = await ServerAsync(cancellationToken);
        var version = server.Get("version").Text();
        var models = new List<ReportedModel>();
        foreach (var listed in listing.Models)
        {
            var name = listed.Get("id").Text();
            var embeds = await _embeds.GetAsync(version, name, token => client.EmbedsAsync(name, token), otherwise: false, cancellationToken);
            var context = listed.Get("max_model_len").Count() ?? server.Get("context_length").Count();
            models.Add(new ReportedModel(name, context, "", embeds ? [Capabilities.Embeddings] : Always));
        }

        return new EngineReport(version, Slots(server), await LoadAsync(cancellationToken), models);
    }

    public override void WriteExtras(Utf8JsonWriter json, GenerateRequest request, string version)
    {
        if (!request.CacheSalt.IsEmpty)
        {
            json.WriteString("cache_salt", request.CacheSalt.ToBase64());
        }

        // Its streams of chats have none.
        if (request.WorkCase == GenerateRequest.WorkOneofCase.Completion)
        {
            json.WriteBoolean("return_token_ids", true);
        }
    }

    /// <summary>The page had another name until 0.5.</summary>
    private async Task<JsonElement> ServerAsync(CancellationToken cancellationToken)
    {
        var server = await client.PageAsync(EnginePaths.SgLangServer, cancellationToken);
        return server.Get("version").IsSet() ? server : await client.PageAsync(EnginePaths.SgLangServerBefore, cancellationToken);
    }

    /// <summary>What was asked for at its start, else what it found room for, on each of its ranks.</summary>
    private static int? Slots(JsonElement server) => server.Get("max_running_requests").Count()
        ?? (server.Get("internal_states").Items().Select(rank => rank.Get("effective_max_running_requests_per_dp").Count()).ToArray() is { Length: > 0 } ranks
            && ranks.All(rank => rank is not null)
                ? ranks.Sum()
                : null);

    private async Task<EngineLoad?> LoadAsync(CancellationToken cancellationToken)
    {
        var ranks = (await client.OptionalPageAsync(EnginePaths.SgLangLoads, cancellationToken)).Get("loads").Items().ToArray();
        return ranks.Length == 0
            ? null
            : new EngineLoad(ranks.Sum(rank => rank.Get("num_running_reqs").Count() ?? 0), ranks.Sum(rank => rank.Get("num_waiting_reqs").Count() ?? 0));
    }
}
