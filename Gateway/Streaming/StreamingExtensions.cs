using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Streaming;

internal static class StreamingExtensions
{
    public static WebApplicationBuilder AddTokenStreaming(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<StreamingOptions>, StreamingOptionsValidator>();
        builder.Services.AddOptions<StreamingOptions>().BindConfiguration(StreamingOptions.Section).ValidateOnStart();
        return builder;
    }
}
