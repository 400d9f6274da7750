using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Nodes;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Sessions;
using ComputeShare.ServiceDefaults.Ports;

namespace ComputeShare.Gateway.Authentication;

/// <summary>
/// Deny by default: <see cref="Wanted"/> says which kind of key a call needs. Junk is refused by its checksum, without asking anybody; no
/// kind of key stands in for another.
/// </summary>
internal sealed class ApiKeyGate(ApiKeyStore keys)
{
    private const string Scheme = "Bearer ";

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (Wanted(context) is not { } wanted)
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

    /// <summary>The one list of who may call what. Null: no key is needed.</summary>
    private static KeyKind? Wanted(HttpContext context) => context.GetEndpoint() switch
    {
        _ when context.PortRole() == PortRole.Health => null, // probes
        null => null, // nothing is there: 404
        RouteEndpoint { RoutePattern.RawText: NodesApi.Route } => KeyKind.Hoster,
        _ => KeyKind.Consumer,
    };

    private async Task<(Caller? Caller, OpenAIError? Error)> IdentifyAsync(KeyKind wanted, string authorization, CancellationToken cancellationToken)
    {
        if (authorization.Length == 0)
        {
            return (null, OpenAIError.MissingKey);
        }

        var key = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : "";
        if (!ApiKey.IsWellFormed(key, wanted == KeyKind.Hoster ? ApiKey.HosterPrefix : ApiKey.ConsumerPrefix))
        {
            return (null, OpenAIError.InvalidKey);
        }

        try
        {
            return await keys.FindAsync(key, cancellationToken) is { } record && record.Kind == wanted
                ? (new Caller(key, record), null)
                : (null, OpenAIError.InvalidKey);
        }
        catch (SessionLostException)
        {
            return (null, OpenAIError.Unavailable);
        }
    }
}
