using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Hosters;
using ComputeShare.Gateway.Keys;
using ComputeShare.Gateway.Nodes;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.OpenAI.Document;
using ComputeShare.Gateway.Sessions;
using ComputeShare.Gateway.Webhooks;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.ServiceDefaults.Tunnels;

namespace ComputeShare.Gateway.Authentication;

/// <summary>
/// Deny by default: <see cref="Wanted"/> says which kinds of key a call takes. Junk is refused by its checksum, without asking anybody; no
/// kind of key stands in for another.
/// </summary>
internal sealed class ApiKeyGate(ApiKeyStore keys)
{
    private const string Scheme = "Bearer ";

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (Wanted(context) is not { Length: > 0 } wanted)
        {
            await next(context);
            return;
        }

        var (caller, error) = await IdentifyAsync(wanted, context.Request.Headers.Authorization.ToString(), context.RequestAborted);
        if (error is not null)
        {
            await context.WriteErrorAsync(error);
            return;
        }

        context.Features.Set(caller);
        await next(context);
    }

    /// <summary>The one list of who may call what. Empty: no key is needed.</summary>
    private static KeyKind[] Wanted(HttpContext context) => context.GetEndpoint() switch
    {
        _ when context.PortRole() == PortRole.Health => [], // probes
        _ when context.PortRole() == PortRole.Internal => [], // other gateways, which carry the service secret
        null => [], // nothing is there: 404
        RouteEndpoint { RoutePattern.RawText: OpenApiDocument.Route } => [], // says what the documentation says
        _ when context.Request.Path.StartsWithSegments(WebhooksApi.Route) => [], // the signature is the key; Billing looks at it
        RouteEndpoint { RoutePattern.RawText: NodesApi.Route or TunnelHeaders.Route } => [KeyKind.Hoster],
        _ when context.Request.Path.StartsWithSegments(HostersExtensions.Route) => [KeyKind.Hoster],
        _ when context.Request.Path.StartsWithSegments(KeysApi.Route) => [KeyKind.Management],
        _ when context.Request.Path.StartsWithSegments(UsageApi.Route) => [KeyKind.Management, KeyKind.Consumer],
        _ when context.Request.Path.StartsWithSegments(CreditsApi.Route) => [KeyKind.Management, KeyKind.Consumer],
        _ => [KeyKind.Consumer],
    };

    private static string Prefix(KeyKind kind) => kind switch
    {
        KeyKind.Hoster => ApiKey.HosterPrefix,
        KeyKind.Management => ApiKey.ManagementPrefix,
        _ => ApiKey.ConsumerPrefix,
    };

    private async Task<(Caller? Caller, OpenAIError? Error)> IdentifyAsync(KeyKind[] wanted, string authorization, CancellationToken cancellationToken)
    {
        if (authorization.Length == 0)
        {
            return (null, OpenAIError.MissingKey);
        }

        var key = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : "";
        if (!Array.Exists(wanted, kind => ApiKey.IsWellFormed(key, Prefix(kind))))
        {
            return (null, OpenAIError.InvalidKey);
        }

        try
        {
            return await keys.FindAsync(key, cancellationToken) is { } record && wanted.Contains(record.Kind)
                ? (new Caller(key, record), null)
                : (null, OpenAIError.InvalidKey);
        }
        catch (SessionLostException)
        {
            return (null, OpenAIError.Unavailable);
        }
    }
}
