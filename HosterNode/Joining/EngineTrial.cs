using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Engines.OpenAI.Discovery;
using ComputeShare.HosterNode.Owner;
using ComputeShare.HosterNode.Slots;
using ComputeShare.HosterNode.Telemetry;

namespace ComputeShare.HosterNode.Joining;

/// <summary>The engine as the node is going to use it, without the node: no port, no tunnel, no log.</summary>
internal sealed class EngineTrial : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EngineTrial(WebApplication app) => _app = app;

    public IInferenceEngine Engine => _app.Services.GetRequiredService<IInferenceEngine>();

    public static async Task<EngineTrial> StartAsync(NodeSettings settings, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        // It is never started, but an application without one cannot be built.
        builder.WebHost.UseKestrelCore();
        // Engine:Capabilities and the like count here as they will later.
        builder.Configuration.AddEnvironmentVariables().AddInMemoryCollection(settings.ToConfiguration());
        builder.Services.AddMetrics().AddSingleton(TimeProvider.System);
        builder.AddNodeOptions();
        builder.AddNodeTelemetry();
        builder.AddEngine();
        builder.AddSlots();
        builder.AddOwnerFirst();
        var trial = new EngineTrial(builder.Build());
        await trial.StartMonitorAsync(cancellationToken);
        return trial;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task StartMonitorAsync(CancellationToken cancellationToken) =>
        _app.Services.GetService<EngineMonitor>()?.StartAsync(cancellationToken) ?? Task.CompletedTask;
}
