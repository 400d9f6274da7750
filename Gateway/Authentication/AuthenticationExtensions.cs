using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Authentication;

internal static class AuthenticationExtensions
{
    public static WebApplicationBuilder AddApiKeyAuthentication(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<AuthenticationOptions>, AuthenticationOptionsValidator>();
        builder.Services.AddOptions<AuthenticationOptions>().BindConfiguration(AuthenticationOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<ApiKeyStore>();
        builder.Services.AddSingleton<ApiKeyGate>();
        return builder;
    }

    /// <summary>After routing, so that what does not exist is not asked a key for.</summary>
    public static WebApplication UseApiKeys(this WebApplication app)
    {
        var gate = app.Services.GetRequiredService<ApiKeyGate>();
        app.Use(gate.InvokeAsync);
        return app;
    }
}
