using System.Globalization;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.Benchmarks.Scheduling;

/// <summary>A Scheduler as it runs in production, in a process of its own.</summary>
internal sealed class SchedulerProcess : IAsyncDisposable
{
    private const string Secret = "the-secret-of-one-benchmark-run-only";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly LocalProcess _process;
    private readonly int _port;

    private SchedulerProcess(LocalProcess process, int port) => (_process, _port) = (process, port);

    public TimeSpan ProcessorTime => _process.ProcessorTime;

    public static async Task<SchedulerProcess> StartAsync(string redis)
    {
        var ports = LoopbackPorts.TakeKept(2);
        var process = LocalProcess.Start("dotnet", [Repository.ServiceProgram("Scheduler")], new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Ports__Internal"] = ports[0].ToString(CultureInfo.InvariantCulture),
            ["Ports__Health"] = ports[1].ToString(CultureInfo.InvariantCulture),
            ["Services__Secret"] = Secret,
            ["ConnectionStrings__redis"] = redis,
            ["Nodes__Life"] = "00:05:00",
            // As docs/operations.md sets it.
            ["DOTNET_GCgen0size"] = "4000000",
            ["Logging__LogLevel__Default"] = "Warning",
        });
        await process.WaitUntilAnswersAsync(new Uri($"http://127.0.0.1:{ports[1]}/health"), StartLimit, CancellationToken.None);
        return new SchedulerProcess(process, ports[0]);
    }

    public async Task<SessionLoad> OpenSessionAsync()
    {
        var channel = StreamingChannel.Open(new Uri($"http://127.0.0.1:{_port}"), TimeSpan.FromSeconds(2));
        return await SessionLoad.OpenAsync(channel, channel.WithSecret(Secret));
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
