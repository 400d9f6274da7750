using ComputeShare.Gateway.Sessions;
using ComputeShare.Gateway.Telemetry;
using ComputeShare.ServiceDefaults.Ports;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes.Relay;

/// <summary>Calls nodes through other gateways' internal ports.</summary>
internal sealed class RelayClient : IDisposable
{
    // Each call's routes name its own; this one only completes their addresses.
    private static readonly Uri Authority = new("http://gateway");

    private readonly HttpMessageInvoker _http;
    private readonly KeyValuePair<string, string> _secret;
    private readonly GatewayTelemetry _telemetry;

    public RelayClient(IOptions<ServiceSessionOptions> sessions, IOptions<ServiceSecretOptions> secret, GatewayTelemetry telemetry)
    {
        var handler = StreamingChannel.Handler(sessions.Value.ConnectTimeout);
        // Thousands of streams may go to one gateway, more than one connection takes.
        handler.EnableMultipleHttp2Connections = true;
        _http = new HttpMessageInvoker(new RouteTrier(handler), disposeHandler: true);
        _secret = NodeWay.Bearer(secret.Value.Secret);
        _telemetry = telemetry;
    }

    /// <param name="routes">Internal ports of gateways at which tunnels of the node end; the first that has one still is taken.</param>
    public NodeWay Way(string nodeId, IReadOnlyList<string> routes)
    {
        _telemetry.RelayedOut.Add(1);
        return new NodeWay(_http, Authority, _secret, new(RelayHeaders.Node, nodeId), new(RelayHeaders.Routes, string.Join(' ', routes)));
    }

    public void Dispose() => _http.Dispose();

    /// <summary>
    /// Tries one gateway after the other, as long as nothing can have reached the node: a route may have outlived its gateway by seconds,
    /// and that is not the node's failure.
    /// </summary>
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
