using System.Globalization;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;
using Grpc.Core;

namespace ComputeShare.Benchmarks.Money;

/// <summary>A Billing as it runs in production, in a process of its own.</summary>
internal sealed class BillingProcess : IAsyncDisposable
{
    private const string Secret = "the-secret-of-one-benchmark-run-only";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly LocalProcess _process;
    private readonly int _port;

    private BillingProcess(LocalProcess process, int port, string database) => (_process, _port, Database) = (process, port, database);

    public string Database { get; }

    public string Output => _process.Output;

    private static string Program => Repository.ServiceProgram("Billing");

    public static async Task<BillingProcess> StartAsync(string database)
    {
        var ports = LoopbackPorts.TakeKept(2);
        var environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Ports__Internal"] = ports[0].ToString(CultureInfo.InvariantCulture),
            ["Ports__Health"] = ports[1].ToString(CultureInfo.InvariantCulture),
            ["Services__Secret"] = Secret,

            // A busy machine's statements are slow, not lost.
            ["ConnectionStrings__billing"] = database + ";Command Timeout=60",
            ["Logging__LogLevel__Default"] = "Warning",
        };
        await using (var migration = LocalProcess.Start("dotnet", [Program, "migrate"], environment))
        {
            await Poll.UntilAsync("the migration ends", () => migration.HasExited, StartLimit, CancellationToken.None);
        }

        var process = LocalProcess.Start("dotnet", [Program], environment);
        await process.WaitUntilAnswersAsync(new Uri($"http://127.0.0.1:{ports[1]}/health"), StartLimit, CancellationToken.None);
        return new BillingProcess(process, ports[0], database);
    }

    public (IDisposable Channel, CallInvoker Calls) Open()
    {
        var channel = StreamingChannel.Open(new Uri($"http://127.0.0.1:{_port}"), TimeSpan.FromSeconds(2));
        return (channel, channel.WithSecret(Secret));
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
