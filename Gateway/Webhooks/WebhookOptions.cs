using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Webhooks;

internal sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>The payment providers whose webhooks are let through to Billing, which knows their secrets: <c>stripe</c>. Default: none.</summary>
    public IList<string> Providers { get; } = [];
}

internal sealed class WebhookOptionsValidator : IValidateOptions<WebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, WebhookOptions options)
    {
        var wrong = Enumerable.Range(0, options.Providers.Count).Where(i => !WebhooksApi.SignatureHeaders.ContainsKey(options.Providers[i])).ToArray();
        return wrong.Length == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(wrong.Select(i =>
                $"Webhooks:Providers:{i} must be one of {string.Join(", ", WebhooksApi.SignatureHeaders.Keys)}."));
    }
}
