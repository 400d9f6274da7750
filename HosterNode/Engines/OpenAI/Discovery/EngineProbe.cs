using System.Diagnostics;
using System.Net;
using System.Text.Json;
using ComputeShare.HosterNode.Engines.OpenAI.Profiles;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Engines.OpenAI.Discovery;

/// <summary>Asks the engine who it is and what it serves. A 200 of a health page would prove nothing about who answered.</summary>
internal sealed class EngineProbe(EngineClient client, IOptions<OpenAIEngineOptions> options, ILogger<EngineProbe> log)
{
    private const int MostModels = 256;
    private const int MostNameCharacters = 200;

    private readonly EngineProfile[] _profiles = EngineProfile.AllOf(client);
    private readonly HashSet<string> _complainedOf = new(StringComparer.Ordinal);
    private (EngineProfile Profile, string Owner)? _known;

    /// <exception cref="EngineAwayException">There is no engine that serves.</exception>
    public async Task<EngineFinding> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await client.AskAsync(EnginePaths.Models, cancellationToken);
            return answer is { Status: HttpStatusCode.OK, Body: { } body } && body.Get("data").ValueKind is JsonValueKind.Array or JsonValueKind.Null
                ? await DescribeAsync(new EngineListing([.. body.Get("data").Items().Take(MostModels)]), cancellationToken)
                : throw new EngineAwayException($"status {(int)answer.Status} from /{EnginePaths.Models}{Advice(answer.Status)}", certain: true);
        }
        catch (Exception error) when (Reason(error, cancellationToken) is { } away)
        {
            // Whoever comes back may be another.
            _known = null;
            throw away;
        }
    }

    private static string Advice(HttpStatusCode status) =>
        status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? "; Engine:ApiKey is what it wants to see" : "";

    private static EngineAwayException? Reason(Exception error, CancellationToken cancellationToken) => error switch
    {
        EngineAwayException away => away,
        HttpRequestException { HttpRequestError: var kind } => new EngineAwayException(kind.ToString(), certain: kind == HttpRequestError.ConnectionError),
        IOException => new EngineAwayException("the connection broke", certain: false),
        InvalidOperationException => new EngineAwayException("its answer is not Unicode", certain: false),
        OperationCanceledException when !cancellationToken.IsCancellationRequested => new EngineAwayException("no answer in time", certain: false),
        _ => null,
    };

    private async Task<EngineFinding> DescribeAsync(EngineListing listing, CancellationToken cancellationToken)
    {
        foreach (var profile in InOrder(listing.Owner))
        {
            if (await profile.AskAsync(listing, cancellationToken) is { } report)
            {
                _known = (profile, listing.Owner);
                return Found(profile, report);
            }
        }

        throw new UnreachableException("The plain profile takes anybody.");
    }

    /// <summary>Who it was the last time, who it seems to be, and the others.</summary>
    private IEnumerable<EngineProfile> InOrder(string owner) => (_known is { } known && known.Owner == owner ? [known.Profile] : Array.Empty<EngineProfile>())
        .Concat(_profiles.OrderByDescending(profile => profile.Owns(owner)))
        .Distinct();

    private EngineFinding Found(EngineProfile profile, EngineReport report)
    {
        var wanted = options.Value.Models;
        var models = report.Models
            .Where(model => model.Name.Length is > 0 and <= MostNameCharacters && !model.Name.Any(char.IsControl) && (wanted.Count == 0 || wanted.Contains(model.Name)))
            .DistinctBy(model => model.Name)
            .ToLookup(model => (options.Value.ContextLength ?? model.Context) is > 0);
        string[] hidden = [.. models[false].Select(model => model.Name)];
        foreach (var name in hidden.Where(_complainedOf.Add))
        {
            OpenAIEngineLog.ContextUnknown(log, name);
        }

        var slots = options.Value.Slots ?? (report.Slots is > 0 ? report.Slots : null);
        return new EngineFinding(profile, new EngineDescription(profile.Name, Short(report.Version), slots, [.. models[true].Select(Offer)]))
        {
            Load = report.Load,
            WithoutContext = hidden,
        };
    }

    // No engine tells a digest of its weights, so nothing says that two of them would write the same: no fingerprint either.
    private EngineModel Offer(ReportedModel model) => new(
        model.Name,
        "",
        model.Quantization.All(character => char.IsAsciiLetterOrDigit(character) || character == '_') ? Short(model.Quantization) : "",
        (options.Value.ContextLength ?? model.Context)!.Value,
        [.. model.Capabilities.Concat(options.Value.Capabilities).Distinct()],
        "");

    private static string Short(string text) => text.Length <= 64 ? text : text[..64];
}

/// <summary>No engine serves at the address.</summary>
/// <param name="reason">For the log: no address, no secret.</param>
/// <param name="certain">It is away; otherwise it may only be slow.</param>
internal sealed class EngineAwayException(string reason, bool certain) : Exception(reason)
{
    public bool Certain => certain;
}
