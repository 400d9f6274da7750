using Aspire.Hosting.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

public class DistributedApplication : IAsyncDisposable
{
    private readonly IHost _host;

    internal DistributedApplication(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new DistributedApplicationBuilder(options);
    }

    /// <summary>Runs until a signal or the host's lifetime ends it.</summary>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        using var signals = new Signals(
            Services.GetRequiredService<IHostApplicationLifetime>(),
            Services.GetServices<IHostedService>().OfType<Orchestrator>().Single());
        await _host.RunAsync(cancellationToken);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync();
        }
    }
}
