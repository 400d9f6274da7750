using System.Reflection;
using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    // Where Aspire's SDK puts the folder of the AppHost's project; StandIn.targets puts it there too.
    private const string ProjectPathMetadata = "apphostprojectpath";

    private readonly HostApplicationBuilder _host;
    private readonly List<Resource> _resources = [];

    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        AppHostDirectory = Assembly.GetEntryAssembly()?.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(metadata => metadata.Key == ProjectPathMetadata)?.Value ?? System.Environment.CurrentDirectory;
        _host = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = options.Args, ContentRootPath = AppHostDirectory });
        // The keys under which Aspire keeps the dashboard's secrets.
        foreach (var key in (string[])["AppHost:BrowserToken", "AppHost:OtlpApiKey", "AppHost:DashboardApiKey"])
        {
            Configuration[key] ??= RandomNumberGenerator.GetHexString(32, lowercase: true);
        }

        _host.Logging.SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        Services.Configure<HostOptions>(host => host.ShutdownTimeout = Orchestrator.StopTimeout);
        Services.AddHealthChecks();
        Services.AddSingleton(TimeProvider.System);
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory { get; }

    public IHostEnvironment Environment => _host.Environment;

    public IServiceCollection Services => _host.Services;

    public DistributedApplicationExecutionContext ExecutionContext { get; } = new();

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        _resources.Add((Resource)(IResource)resource);
        return new ResourceBuilder<T>(this, resource);
    }

    public DistributedApplication Build()
    {
        this.AddDashboard();
        Services.AddSingleton(new Application(AppHostDirectory, _resources));
        Services.AddSingleton<Launcher>();
        Services.AddHostedService<Orchestrator>();
        return new DistributedApplication(_host.Build());
    }

    private sealed record ResourceBuilder<T>(IDistributedApplicationBuilder ApplicationBuilder, T Resource) : IResourceBuilder<T>
        where T : IResource;
}

/// <summary>What <see cref="Running"/> brings up.</summary>
internal sealed record Application(string AppHostDirectory, IReadOnlyList<Resource> Resources);
