using ComputeShare.ServiceDefaults.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ComputeShare.ServiceDefaults.Tests;

/// <summary>A service of the defaults alone, on real loopback ports.</summary>
internal sealed class TestService : IAsyncDisposable
{
    public const string Secret = "a-secret-of-the-tests-with-32-characters";

    private readonly WebApplication _app;
    private readonly PortRole[] _roles;

    private TestService(WebApplication app, PortRole[] roles)
    {
        _app = app;
        _roles = roles;
    }

    public static async Task<TestService> StartAsync(
        PortRole[] roles,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? map = null,
        Dictionary<string, string?>? configuration = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(roles.Select(role => KeyValuePair.Create($"Ports:{role}", (string?)"0")));
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Services:Secret"] = Secret });
        builder.Configuration.AddInMemoryCollection(configuration);
        builder.AddServiceDefaults(roles);
        builder.AddServiceSecret();
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.UseServiceSecret();
        map?.Invoke(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new TestService(app, roles);
    }

    public IServiceProvider Services => _app.Services;

    /// <summary>Kestrel lists its addresses in the order in which it was told to listen.</summary>
    public Uri AddressOf(PortRole role) => new(_app.Services.GetRequiredService<IServer>()
        .Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(Array.IndexOf(_roles, role)));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
