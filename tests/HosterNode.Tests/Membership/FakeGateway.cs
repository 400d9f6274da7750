using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ComputeShare.HosterNode.Tests.Membership;

/// <summary>The joining half of a gateway, on a real port; the test holds the watches.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    public const string Name = "gateway-1";

    private readonly Channel<(string Authorization, JsonElement Body)> _asks = Channel.CreateUnbounded<(string, JsonElement)>();
    private readonly WebApplication _app;

    private FakeGateway(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>What the node is answered with.</summary>
    public (int Status, string Body) Answer { get; set; } = Joined();

    public static (int Status, string Body) Joined(int askAgainMs = 60_000) =>
        (StatusCodes.Status200OK, JsonSerializer.Serialize(new { @object = "node", gateway = Name, status = "joined", ask_again_ms = askAgainMs }));

    public static async Task<FakeGateway> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var gateway = new FakeGateway(builder.Build());
        gateway._app.MapPost("/v1/nodes", async (HttpContext context) =>
        {
            var body = await JsonDocument.ParseAsync(context.Request.Body);
            gateway._asks.Writer.TryWrite((context.Request.Headers.Authorization.ToString(), body.RootElement));
            context.Response.StatusCode = gateway.Answer.Status;
            await context.Response.WriteAsync(gateway.Answer.Body);
        });
        await gateway._app.StartAsync(TestContext.Current.CancellationToken);
        return gateway;
    }

    public async Task<(string Authorization, JsonElement Body)> AskedAsync() =>
        await _asks.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);

    public bool IsAsked => _asks.Reader.TryPeek(out _);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
