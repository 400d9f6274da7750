using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Engines.OpenAI.Discovery;

/// <summary>Asks the engine who it is and what it serves. A 200 of a health page would prove nothing about who answered.</summary>
internal sealed class EngineProbe(EngineClient client, EngineAbilities abilities, IOptions<OpenAIEngineOptions> options, ILogger<EngineProbe> log)
{
    private const int MostModels = 256;
    private const int MostNameCharacters = 200;

    // Where servers tell a model's context.
    private static readonly string[] ContextNames = ["max_model_len", "context_length", "max_context_length", "context_window"];

    private readonly HashSet<string> _complainedOf = new(StringComparer.Ordinal);

    /// <exception cref="EngineAwayException">There is no engine that serves.</exception>
    public async Task<EngineFinding> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await client.AskAsync(EnginePaths.Models, cancellationToken);
            return answer is { Status: HttpStatusCode.OK, Body: { } body } && body.Get("data").ValueKind == JsonValueKind.Array
                ? await DescribeAsync([.. body.Get("data").Items().Take(MostModels)], cancellationToken)
                : throw new EngineAwayException($"status {(int)answer.Status} from /{EnginePaths.Models}", certain: true);
        }
        catch (HttpRequestException error)
        {
            throw new EngineAwayException(error.HttpRequestError.ToString(), certain: error.HttpRequestError == HttpRequestError.ConnectionError);
        }
        catch (IOException)
        {
            throw new EngineAwayException("the connection broke", certain: false);
        }
        catch (InvalidOperationException)
        {
            throw new EngineAwayException("its answer is not Unicode", certain: false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EngineAwayException("no answer in time", certain: false);
        }
    }

    private async Task<EngineFinding> DescribeAsync(JsonElement[] listed, CancellationToken cancellationToken)
    {
        var kind = EngineKind.Of(listed.Length == 0 ? "" : listed[0].Get("owned_by").Text());
        var properties = kind == EngineKind.LlamaServer || kind == EngineKind.Other
            ? (await client.AskAsync(EnginePaths.LlamaProperties, cancellationToken)).Body ?? default
            : default;
        var slots = properties.Get("total_slots").Count();
        kind = slots is null ? kind : EngineKind.LlamaServer;
        var version = kind.VersionPath is { } path
            ? ((await client.AskAsync(path, cancellationToken)).Body ?? default).Get("version").Text()
            : properties.Get("build_info").Text();
        var models = new List<EngineModel>();
        foreach (var model in listed.Select(model => Read(model, properties)).OfType<EngineModel>().DistinctBy(model => model.LocalName))
        {
            models.Add(model with { Capabilities = await abilities.OfAsync(kind, version, model.LocalName, properties, cancellationToken) });
        }

        return new EngineFinding(kind, new EngineDescription(kind.Name, Short(version), options.Value.Slots ?? AtLeastOne(slots), models));
    }

    private EngineModel? Read(JsonElement model, JsonElement properties)
    {
        var name = model.Get("id").Text();
        var allowed = options.Value.Models;
        if (name.Length is 0 or > MostNameCharacters || name.Any(char.IsControl) || (allowed.Count > 0 && !allowed.Contains(name)))
        {
            return null;
        }

        var context = options.Value.ContextLength ?? Context(model, properties);
        if (context is null or 0)
        {
            if (_complainedOf.Add(name))
            {
                OpenAIEngineLog.ContextUnknown(log, name);
            }

            return null;
        }

        // No engine tells a digest of its weights, so nothing says that two of them would write the same: no fingerprint either.
        return new EngineModel(name, "", Quantization(model.Get("meta").Get("ftype").Text()), context.Value, [], "");
    }

    private static int? Context(JsonElement model, JsonElement properties) =>
        model.Get("meta").Get("n_ctx").Count()
        ?? ContextNames.Select(name => model.Get(name).Count()).FirstOrDefault(length => length is not null)
        ?? properties.Get("default_generation_settings").Get("n_ctx").Count();

    // llama.cpp writes "all F32", "mostly Q8_0" and "Q4_K - Medium" for F32, Q8_0 and Q4_K_M.
    private static string Quantization(string type)
    {
        var name = type.Replace("all ", "", StringComparison.Ordinal).Replace("mostly ", "", StringComparison.Ordinal);
        var dash = name.IndexOf(" - ", StringComparison.Ordinal);
        name = dash > 0 && dash + 3 < name.Length ? $"{name[..dash]}_{name[dash + 3]}" : name;
        return name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_') ? Short(name) : "";
    }

    private static int? AtLeastOne(int? slots) => slots is > 0 ? slots : null;

    private static string Short(string text) => text.Length <= 64 ? text : text[..64];
}

/// <summary>No engine serves at the address.</summary>
/// <param name="reason">For the log: no address, no secret.</param>
/// <param name="certain">It is away; otherwise it may only be slow.</param>
internal sealed class EngineAwayException(string reason, bool certain) : Exception(reason)
{
    public bool Certain => certain;
}
