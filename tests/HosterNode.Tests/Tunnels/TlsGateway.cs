using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using ComputeShare.ServiceDefaults.Tunnels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ComputeShare.HosterNode.Tests.Tunnels;

/// <summary>The door of a gateway over TLS, with whatever certificate the test gives it.</summary>
internal sealed class TlsGateway : IAsyncDisposable
{
    public const string Name = "gateway-1";

    private readonly Channel<string> _opened = Channel.CreateUnbounded<string>();
    private readonly Channel<int> _connections = Channel.CreateUnbounded<int>();
    private WebApplication? _app;

    public required X509Certificate2 Certificate { get; set; }

    public Uri Address => new(_app!.Urls.Single());

    public static async Task<TlsGateway> StartAsync(X509Certificate2 certificate)
    {
        var gateway = new TlsGateway { Certificate = certificate };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, port =>
        {
            port.Use(next => connection =>
            {
                gateway._connections.Writer.TryWrite(1);
                return next(connection);
            });
            port.UseHttps(https => https.ServerCertificateSelector = (_, _) => gateway.Certificate);
        }));
        gateway._app = builder.Build();
        gateway._app.UseWebSockets();
        gateway._app.MapGet(TunnelHeaders.Route, gateway.OpenAsync);
        await gateway._app.StartAsync(TestContext.Current.CancellationToken);
        return gateway;
    }

    /// <summary>Another attempt to connect, whatever becomes of it.</summary>
    public ValueTask<int> ConnectedAsync(CancellationToken cancellationToken) => _connections.Reader.ReadAsync(cancellationToken);

    /// <summary>The key with which a node has opened a tunnel.</summary>
    public ValueTask<string> OpenedAsync(CancellationToken cancellationToken) => _opened.Reader.ReadAsync(cancellationToken);

    public bool HasOpened => _opened.Reader.TryPeek(out _);

    public ValueTask DisposeAsync()
    {
        Certificate.Dispose();
        return _app?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private async Task OpenAsync(HttpContext context)
    {
        context.Response.Headers[TunnelHeaders.Gateway] = Name;
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        _opened.Writer.TryWrite(context.Request.Headers.Authorization.ToString());
        await socket.ReceiveAsync(new byte[1024], context.RequestAborted);
    }
}
