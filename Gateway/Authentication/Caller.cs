using ComputeShare.Contracts.Billing;
using Microsoft.AspNetCore.Http.Features;

namespace ComputeShare.Gateway.Authentication;

/// <summary>Who sent the request.</summary>
/// <param name="Key">The key's text, to load its record anew; never logged.</param>
internal sealed record Caller(string Key, KeyRecord Record)
{
    public bool MayUse(string model) => Record.AllowedModels.Count == 0 || Record.AllowedModels.Contains(model);

    // A record's generated text would print the key.
    public override string ToString() => Record.KeyId;
}

internal static class CallerExtensions
{
    public static Caller Caller(this HttpContext context) => context.Features.GetRequiredFeature<Caller>();
}
