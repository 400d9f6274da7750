using ComputeShare.ServiceDefaults.Ports;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Browsers;

/// <summary>
/// What browsers ask before they let a page call (CORS). Never with credentials: no cookie or certificate of a visitor goes with a request, so
/// a page has nothing but the key that it was given. That makes any origin harmless, and any of our headers fit to be read.
/// </summary>
internal static class BrowsersExtensions
{
    private const string AnyHeader = "*";

    // As long as a browser remembers at most: an OPTIONS before each request would double them.
    private static readonly TimeSpan RememberedFor = TimeSpan.FromHours(2);

    public static WebApplicationBuilder AddBrowsers(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<CorsOptions>, CorsOptionsValidator>();
        builder.Services.AddOptions<CorsOptions>().BindConfiguration(CorsOptions.Section).ValidateOnStart();
        builder.Services.AddCors();
        return builder;
    }

    /// <summary>Before whatever may refuse: a page must be able to read why. A preflight ends here, and needs no key.</summary>
    public static WebApplication UseBrowsers(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<CorsOptions>>().Value;
        if (options.Enabled)
        {
            app.UseWhen(context => context.PortRole() == PortRole.Public, pages => pages.UseCors(policy => Allow(policy, options)));
        }

        return app;
    }

    private static void Allow(CorsPolicyBuilder policy, CorsOptions options)
    {
        // Headers and methods are answered as they are asked for: a star would leave out Authorization.
        policy.AllowAnyHeader().AllowAnyMethod().WithExposedHeaders(AnyHeader).SetPreflightMaxAge(RememberedFor);
        _ = options.Origins.Count == 0 ? policy.AllowAnyOrigin() : policy.WithOrigins([.. options.Origins]);
    }
}
