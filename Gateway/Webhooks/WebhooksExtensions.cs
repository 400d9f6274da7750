using ComputeShare.Gateway.Keys;
using ComputeShare.ServiceDefaults.Ports;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Webhooks;

internal static class WebhooksExtensions
{
    public static WebApplicationBuilder AddWebhooks(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<WebhookOptions>, WebhookOptionsValidator>();
        builder.Services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section).ValidateOnStart();
        return builder;
    }

    public static WebApplication UseWebhooks(this WebApplication app)
    {
        app.MapGroup("").ServedOn(PortRole.Public).AddEndpointFilter<RouteGroupBuilder, RefusalFilter>().MapWebhooks();
        return app;
    }
}
