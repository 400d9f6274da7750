using System.Text.Json;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Engines.OpenAI.Profiles;

/// <summary>vLLM. It does not say how many requests it runs side by side: its metrics say how many it does.</summary>
internal sealed class VllmProfile(EngineClient client) : EngineProfile
{
    private static readonly string[] Always = [.. Capabilities.Serving, "json_object", "repetition_penalty", "min_tokens"];

    // From here on it has one engine, which salts its prefix cache and gives the ids of tokens in streams; an older one may refuse the salt.
    private static readonly Version Extended = new(0, 11);

    private readonly OnceAsked<bool> _embeds = new();

    public override string Name => "vllm";

    public override EngineTokenizer? Tokenizer => EngineTokenizer.Vllm;

    public override bool Owns(string owner) => owner == "vllm";

    public override async Task<EngineReport?> AskAsync(EngineListing listing, CancellationToken cancellationToken)
    {
        if (!Owns(listing.Owner))
        {
            return null;
        }

        var version = (await client.PageAsync(EnginePaths.Version, cancellationToken)).Get("version").Text();
        var models = new List<ReportedModel>();
        foreach (var listed in listing.Models)
        {
            var name = listed.Get("id").Text();
            var embeds = await _embeds.GetAsync(version, name, token => client.EmbedsAsync(name, token), otherwise: false, cancellationToken);
            models.Add(new ReportedModel(name, listed.Get("max_model_len").Count(), "", embeds ? [Capabilities.Embeddings] : Always));
        }

        var load = await client.GaugesAsync("vllm:num_requests_running", "vllm:num_requests_waiting", cancellationToken);
        return new EngineReport(version, null, load, models);
    }

    public override void WriteExtras(Utf8JsonWriter json, GenerateRequest request, string version)
    {
        if (!IsExtended(version))
        {
            return;
        }

        json.WriteBoolean("return_token_ids", true);
        if (!request.CacheSalt.IsEmpty)
        {
            json.WriteString("cache_salt", request.CacheSalt.ToBase64());
        }
    }

    // Such as 0.11.0, 0.11.1rc2.dev3+gabc.
    private static bool IsExtended(string version)
    {
        var numbers = version.Split('.', 3);
        return numbers.Length >= 2 && Version.TryParse($"{numbers[0]}.{numbers[1]}", out var known) && known >= Extended;
    }
}
