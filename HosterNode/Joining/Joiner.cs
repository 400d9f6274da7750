using System.Net;
using ComputeShare.Contracts;
using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Engines.OpenAI.Discovery;
using ComputeShare.HosterNode.Engines.OpenAI.Profiles;
using ComputeShare.HosterNode.Membership;
using ComputeShare.HosterNode.Reporting;

namespace ComputeShare.HosterNode.Joining;

/// <summary>
/// From what was said on the command line to what the node is started with: whose it is, which engine, which models, how fast, at which
/// prices; shown, agreed to. READ FIRST: the steps in order.
/// </summary>
/// <param name="environmentKey">The hoster's key from the environment; empty when it is not there.</param>
internal sealed class Joiner(EngineFinder finder, OwnerDialogue dialogue, string environmentKey, TimeProvider clock)
{
    /// <returns>Null: the owner said no.</returns>
    /// <exception cref="JoinException">It cannot be done; says why, and by which option it can.</exception>
    public async Task<NodeSettings?> JoinAsync(JoinWishes wishes, NodeSettings? saved, CancellationToken cancellationToken)
    {
        var gateway = GatewayOf(wishes, saved);
        var key = KeyOf(wishes, saved);
        var trusted = TrustedOf(wishes, saved);
        using var hoster = new HosterApi(gateway, key, new GatewayTrust(trusted));
        await GreetAsync(hoster, gateway, cancellationToken);

        var engine = await EngineOfAsync(wishes, saved, gateway, cancellationToken);
        dialogue.Say($"Found {engine}.");
        var settings = new NodeSettings(
            gateway,
            key,
            wishes.Id ?? saved?.Id ?? NodeNames.Make(Environment.MachineName),
            engine.Address,
            wishes.EngineKey ?? saved?.EngineKey ?? "",
            wishes.ContextLength ?? saved?.ContextLength,
            wishes.Slots ?? engine.Description.MaxSlots ?? 1,
            EngineSlotsOf(wishes, engine),
            wishes.OwnerFirst ?? saved?.OwnerFirst ?? true,
            wishes.AllowUnencrypted || saved is { AllowUnencrypted: true },
            trusted,
            []);

        await using var trial = await EngineTrial.StartAsync(settings, cancellationToken);
        var description = engine.Address.Length == 0 ? await trial.Engine.DescribeAsync(cancellationToken) : engine.Description;
        var models = ModelsOf(wishes, engine with { Description = description });
        var measurement = await MeasureAsync(trial.Engine, models, wishes.Slots ?? description.MaxSlots ?? SelfMeasurement.MostSlots, cancellationToken);
        var proposals = await ProposeAsync(hoster, models, wishes, cancellationToken);

        settings = settings with
        {
            Slots = wishes.Slots ?? measurement?.Slots ?? settings.Slots,
            Models = [.. proposals.Select(proposal => proposal.Model)],
        };
        dialogue.Show(settings, models, proposals, measurement);
        return dialogue.Agrees() ? settings : null;
    }

    private static Uri GatewayOf(JoinWishes wishes, NodeSettings? saved)
    {
        var gateway = wishes.Gateway ?? saved?.Gateway
            ?? throw new JoinException("--gateway must be the marketplace's address, such as https://gateway.example.com.");
        return gateway.Scheme == Uri.UriSchemeHttps || gateway.IsLoopback || wishes.AllowUnencrypted || saved is { AllowUnencrypted: true }
            ? gateway
            : throw new JoinException("--gateway must be an https address: your key goes there. --allow-unencrypted lets it go without TLS, readable on its way.");
    }

    private static string TrustedOf(JoinWishes wishes, NodeSettings? saved)
    {
        var path = wishes.TrustedCertificates ?? saved?.TrustedCertificates ?? "";
        return path.Length == 0 || GatewayTrust.Load(path) is not null
            ? path
            : throw new JoinException("--trusted-certificates must be a readable PEM file with at least one certificate.");
    }

    private string KeyOf(JoinWishes wishes, NodeSettings? saved)
    {
        var key = wishes.Key ?? (environmentKey.Length > 0 ? environmentKey : null) ?? saved?.HosterKey ?? dialogue.AskForKey();
        return ApiKey.IsWellFormed(key, ApiKey.HosterPrefix)
            ? key
            : throw new JoinException($"--key must be a hoster's key, {ApiKey.HosterPrefix}…; COMPUTESHARE_HOSTER_KEY in the environment does as well.");
    }

    private async Task GreetAsync(HosterApi hoster, Uri gateway, CancellationToken cancellationToken)
    {
        var (status, name) = await hoster.GreetAsync(cancellationToken);
        switch (status)
        {
            case HttpStatusCode.OK:
                dialogue.Say($"{gateway} knows you as {name}.");
                break;
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                throw new JoinException($"--key: the gateway at {gateway} does not know this hoster's key.");
            case null:
                throw new JoinException($"--gateway: nobody answers at {gateway} ({name.Replace("Node:TrustedCertificates", "--trusted-certificates", StringComparison.Ordinal)}).");
            default:
                throw new JoinException($"--gateway: what answers at {gateway} is no marketplace, or it is not well (status {(int)status}).");
        }
    }

    private async Task<FoundEngine> EngineOfAsync(JoinWishes wishes, NodeSettings? saved, Uri gateway, CancellationToken cancellationToken)
    {
        var address = wishes.Engine ?? saved?.Engine;
        if (address is JoinWishes.BuiltIn or "")
        {
            return new FoundEngine("", new EngineDescription(JoinWishes.BuiltIn, "", MaxSlots: null, []), []);
        }

        if (address is null)
        {
            var found = await finder.FindAsync(gateway, wishes, cancellationToken);
            return found.Count > 0
                ? dialogue.Choose(found)
                : throw new JoinException("--engine: no engine answers at the usual ports of this machine; start one, or say where it is (--engine built-in tries things out without any).");
        }

        try
        {
            return await finder.AskAsync(address, wishes, cancellationToken);
        }
        catch (EngineAwayException away)
        {
            // The same advice as to whoever configures a node by hand, whose option has another name.
            throw new JoinException($"--engine: no engine serves at {address} ({away.Message.Replace("Engine:ApiKey", "--engine-key", StringComparison.Ordinal)}).");
        }
    }

    // Ollama does not say how many requests it runs side by side, and counts as running one.
    private static int? EngineSlotsOf(JoinWishes wishes, FoundEngine engine) =>
        engine.Description.Engine == OllamaProfile.Software && wishes.Slots > engine.Description.MaxSlots ? wishes.Slots : null;

    private static IReadOnlyList<EngineModel> ModelsOf(JoinWishes wishes, FoundEngine engine)
    {
        var all = engine.Description.Models;
        if (all.Count == 0)
        {
            throw new JoinException(engine.WithoutContext.Count == 0
                ? $"--engine: {engine} has no model loaded that could be offered."
                : $"--context-length: {engine} does not say how long the context of {string.Join(", ", engine.WithoutContext)} is.");
        }

        var names = string.Join(", ", all.Select(model => model.LocalName));
        return wishes.Models.FirstOrDefault(name => all.All(model => model.LocalName != name)) is { } unknown
            ? throw new JoinException($"--models: the engine does not serve '{unknown}'; it serves {names}.")
            : [.. all.Where(model => wishes.Models.Count == 0 || wishes.Models.Contains(model.LocalName))];
    }

    private async Task<Measurement?> MeasureAsync(IInferenceEngine engine, IReadOnlyList<EngineModel> models, int mostSlots, CancellationToken cancellationToken)
    {
        // Another one would have to be loaded for it, with some engines.
        if (models.FirstOrDefault(model => model.Capabilities.Contains("chat") || model.Capabilities.Contains("completions")) is not { } model)
        {
            return null;
        }

        try
        {
            return await dialogue.WhileAsync($"Measuring {model.LocalName} …", () => new SelfMeasurement(engine, clock).MeasureAsync(model, mostSlots, cancellationToken));
        }
        catch (EngineException error)
        {
            throw new JoinException($"--engine: it does not serve a request for {model.LocalName}: {error.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new JoinException($"--engine: it gives no token for a request for {model.LocalName} in time.");
        }
    }

    private static async Task<IReadOnlyList<PriceProposal>> ProposeAsync(
        HosterApi hoster, IReadOnlyList<EngineModel> models, JoinWishes wishes, CancellationToken cancellationToken)
    {
        var proposals = new List<PriceProposal>();
        foreach (var model in models)
        {
            proposals.Add(PriceProposals.Propose(model.LocalName, await hoster.MarketAsync(model.LocalName, cancellationToken), wishes));
        }

        return proposals;
    }
}
