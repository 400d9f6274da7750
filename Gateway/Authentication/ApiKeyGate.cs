using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Sessions;
using ComputeShare.ServiceDefaults.Ports;

namespace ComputeShare.Gateway.Authentication;

/// <summary>
/// Deny by default: whatever <see cref="NeedsNoKey"/> does not name needs a consumer key. Junk is refused by its checksum, without
/// asking anybody; hoster and management keys do not stand in for a consumer's.
/// </summary>
internal sealed class ApiKeyGate(ApiKeyStore keys)
{
    private const string Scheme = "Bearer ";

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (NeedsNoKey(context))
        {
            await next(context);
            return;
        }

        var (caller, error) = await IdentifyAsync(context.Request.Headers.Authorization.ToString(), context.RequestAborted);
        if (error is not null)
        {
            await context.WriteErrorAsync(error);
            return;
        }

        context.Features.Set(caller);
        await next(context);
    }

    /// <summary>The one list of what needs no key.</summary>
    private static bool NeedsNoKey(HttpContext context) =>
        context.PortRole() == PortRole.Health // probes
        || context.GetEndpoint() is null; // nothing is there: 404

    private async Task<(Caller? Caller, OpenAIError? Error)> IdentifyAsync(string authorization, CancellationToken cancellationToken)
    {
        if (authorization.Length == 0)
        {
            return (null, OpenAIError.MissingKey);
        }

        var key = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : "";
        if (!ApiKey.IsWellFormed(key, ApiKey.ConsumerPrefix))
        {
            return (null, OpenAIError.InvalidKey);
        }

        try
        {
            return await keys.FindAsync(key, cancellationToken) is { Kind: KeyKind.Consumer } record
                ? (new Caller(key, record), null)
                : (null, OpenAIError.InvalidKey);
        }
        catch (SessionLostException)
        {
            return (null, OpenAIError.Unavailable);
        }
    }
}
