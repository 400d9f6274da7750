using ComputeShare.HosterNode.Engines;
using ComputeShare.ServiceDefaults.Ports;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Streaming;

internal static class StreamingExtensions
{
    private const int OtherStreams = 16;

    public static void AddStreaming(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Generator>();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = StreamingChannel.MaxMessageBytes;
            grpc.MaxSendMessageSize = StreamingChannel.MaxMessageBytes;
        });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = StreamingChannel.MaxMessageBytes;
            // A gateway stops reading a stream whose client is slow. That must not cost the connection and its other streams.
            kestrel.Limits.MinResponseDataRate = null;
            // A gateway has one connection for all: a stream above the limit would wait in silence. Watches and late cancels come on top.
            kestrel.Limits.Http2.MaxStreamsPerConnection =
                kestrel.ApplicationServices.GetRequiredService<IOptions<NodeOptions>>().Value.Slots + OtherStreams;
        });
    }

    public static void MapInference(this WebApplication app)
    {
        // A model that cannot be read stops the start, not the first request.
        app.Services.GetRequiredService<IInferenceEngine>();
        app.MapGrpcService<InferenceGrpcService>().ServedOn(PortRole.Internal);
    }
}
