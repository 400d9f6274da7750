using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Browsers;

/// <summary>Which web pages may call the API out of a browser.</summary>
internal sealed class CorsOptions
{
    public const string Section = "Cors";

    /// <summary>Whether any may. Default: true: a page can do no more than its own key allows, as browsers are told to add nothing to it.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Where the pages are from, such as <c>https://chat.example</c>. Default: anywhere.</summary>
    public IList<string> Origins { get; } = [];
}

internal sealed class CorsOptionsValidator : IValidateOptions<CorsOptions>
{
    public ValidateOptionsResult Validate(string? name, CorsOptions options) => options.Origins.All(IsOrigin)
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail("Cors:Origins must be origins without a path, such as https://chat.example.");

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var origin) && origin.GetLeftPart(UriPartial.Authority) == text && origin is { Scheme: "http" or "https", UserInfo: "" };
}
