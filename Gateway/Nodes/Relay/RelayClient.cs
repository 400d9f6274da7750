using ComputeShare.Gateway.Sessions;
using ComputeShare.Gateway.Telemetry;
using ComputeShare.ServiceDefaults.Ports;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes.Relay;

/// <summary>Calls nodes through other gateways' internal ports.</summary>
internal sealed class RelayClient : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly CallInvoker _calls;
    private readonly GatewayTelemetry _telemetry;

    public RelayClient(IOptions<ServiceSessionOptions> sessions, IOptions<ServiceSecretOptions> secret, GatewayTelemetry telemetry)
    {
        var handler = StreamingChannel.Handler(sessions.Value.ConnectTimeout);
        // Thousands of streams may go to one gateway, more than one connection takes.
        handler.EnableMultipleHttp2Connections = true;
        _channel = StreamingChannel.Over(new RouteTrier(handler), new Uri("http://gateway"), disposeHandler: true, StreamingChannel.MaxNodeMessageBytes);
        _calls = _channel.WithSecret(secret.Value.Secret);
        _telemetry = telemetry;
    }

    /// <param name="routes">Internal ports of gateways at which tunnels of the node end; the first that has one still is taken.</param>
    public CallInvoker Invoker(string nodeId, IReadOnlyList<string> routes)
    {
        _telemetry.RelayedOut.Add(1);
        return _calls.Intercept(metadata =>
        {
            metadata.Add(RelayHeaders.Node, nodeId);
            metadata.Add(RelayHeaders.Routes, string.Join(' ', routes));
            return metadata;
        });
    }

    public void Dispose() => _channel.Dispose();

    /// <summary>
    /// Tries one gateway after the other, as long as nothing can have reached the node: a route may have outlived its gateway by seconds,
    /// and that is not the node's failure.
    /// </summary>
    /// <remarks>No <see cref="DelegatingHandler"/>: gRPC would look inside, and connect to the channel's address itself.</remarks>
    private sealed class RouteTrier(HttpMessageHandler inner) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _http = new(inner, disposeHandler: true);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var routes = request.Headers.GetValues(RelayHeaders.Routes).Single().Split(' ');
            request.Headers.Remove(RelayHeaders.Routes);
            var path = request.RequestUri!.PathAndQuery;
            for (var tried = 0; ; tried++)
            {
                var isLast = tried == routes.Length - 1;
                request.RequestUri = new Uri(new Uri(routes[tried]), path);
                try
                {
                    var response = await _http.SendAsync(request, cancellationToken);
                    if (isLast || !response.Headers.Contains(RelayHeaders.NoTunnel))
                    {
                        return response;
                    }

                    response.Dispose();
                }
                catch (HttpRequestException unreachable) when (!isLast && unreachable.HttpRequestError == HttpRequestError.ConnectionError)
                {
                    // Its process is gone.
                }
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _http.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
