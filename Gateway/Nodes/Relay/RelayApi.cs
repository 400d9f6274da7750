using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Draining;
using ComputeShare.Gateway.Nodes.Tunnels;
using ComputeShare.Gateway.Telemetry;
using ComputeShare.ServiceDefaults.Ports;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ComputeShare.Gateway.Nodes.Relay;

/// <summary>
/// Another gateway calls a node whose tunnel ends here: what the call says is copied both ways, unread. Only tunnels that end here are
/// looked for, so there is never a second hop. Who does not carry the service secret does not get as far.
/// </summary>
internal sealed class RelayApi(JoinedNodes nodes, Drain drain, GatewayTelemetry telemetry)
{
    private const int LeastRead = 4 * 1024;
    private const string GrpcContent = "application/grpc";
    private const string StatusHeader = "grpc-status";
    private const string MessageHeader = "grpc-message";

    public async Task RelayAsync(HttpContext context)
    {
        if (drain.IsDraining || nodes.FindTunnel(context.Request.Headers[RelayHeaders.Node].ToString()) is not { } tunnel)
        {
            context.Response.Headers[RelayHeaders.NoTunnel] = "1";
            End(context.Response, "No tunnel of the node ends here.");
            return;
        }

        telemetry.RelayedIn.Add(1);
        AllowWhatTheNodeAllows(context);
        using var request = NewRequest(context.Request, tunnel);
        try
        {
            using var response = await tunnel.Way.Http.SendAsync(request, context.RequestAborted);
            await CopyAsync(response, context);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            if (context.Response.HasStarted)
            {
                // The stream ends as a broken one, not as a finished one.
                context.Abort();
            }
            else
            {
                End(context.Response, "The tunnel to the node broke.");
            }
        }
    }

    // Sizes and deadlines are the node's, and those of the gateway that calls.
    private static void AllowWhatTheNodeAllows(HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        context.Features.GetRequiredFeature<IHttpMinRequestBodyDataRateFeature>().MinDataRate = null;
    }

    private static HttpRequestMessage NewRequest(HttpRequest call, TunnelChannel tunnel)
    {
        var content = new StreamContent(call.Body);
        content.Headers.TryAddWithoutValidation("content-type", call.ContentType);
        var request = tunnel.Way.NewCall(call.Path, content);
        foreach (var (name, value) in call.Headers.Where(header => header.Key.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase)))
        {
            request.Headers.TryAddWithoutValidation(name, value.ToString());
        }

        return request;
    }

    private static async Task CopyAsync(HttpResponseMessage response, HttpContext context)
    {
        var (to, stop) = (context.Response, context.RequestAborted);
        to.StatusCode = (int)response.StatusCode;
        to.ContentType = response.Content.Headers.ContentType?.ToString() ?? GrpcContent;
        foreach (var (name, values) in response.Headers.Where(header => header.Key.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase)))
        {
            to.Headers.Append(name, values.ToArray());
        }

        // The other gateway may wait for the headers alone.
        await to.StartAsync(stop);
        await using var body = await response.Content.ReadAsStreamAsync(stop);
        while (true)
        {
            var count = await body.ReadAsync(to.BodyWriter.GetMemory(LeastRead), stop);
            if (count == 0)
            {
                break;
            }

            to.BodyWriter.Advance(count);
            await to.BodyWriter.FlushAsync(stop);
        }

        foreach (var (name, values) in response.TrailingHeaders)
        {
            to.AppendTrailer(name, values.ToArray());
        }
    }

    private static void End(HttpResponse response, string message)
    {
        response.ContentType = GrpcContent;
        response.Headers[StatusHeader] = ((int)StatusCode.Unavailable).ToString(System.Globalization.CultureInfo.InvariantCulture);
        response.Headers[MessageHeader] = message;
    }
}

internal static class RelayApiExtensions
{
    /// <summary>What one gateway may call at a node through another.</summary>
    private static readonly string Route = $"/{Inference.Descriptor.FullName}/{{method}}";

    public static WebApplication MapRelay(this WebApplication app)
    {
        var api = app.Services.GetRequiredService<RelayApi>();
        app.MapPost(Route, api.RelayAsync).ServedOn(PortRole.Internal);
        return app;
    }
}
