using System.Globalization;
using ComputeShare.Contracts;
using ComputeShare.HosterNode;
using ComputeShare.ServiceDefaults;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.TestSupport.Processes;
using Microsoft.AspNetCore.Builder;

namespace ComputeShare.Benchmarks.Tunnels;

/// <summary>
/// The node as a process of its own: its own web server, ports, tunnel and gRPC settings, with <see cref="PacedInference"/> in place of its
/// service. It can be called directly and over the tunnel that it opens.
/// </summary>
internal sealed class NodeHalf : IAsyncDisposable
{
    public const string Role = "tunnel-node";
    public const string DialToken = "the-dial-token-of-one-benchmark-run-only";

    private readonly LocalProcess _process;

    private NodeHalf(LocalProcess process, int port) => (_process, Direct) = (process, new Uri($"http://127.0.0.1:{port}"));

    public Uri Direct { get; }

    public TimeSpan ProcessorTime => _process.ProcessorTime;

    public string Output => _process.Output;

    public static NodeHalf Start(Uri gateway)
    {
        var ports = LoopbackPorts.TakeKept(2);
        var program = Path.Combine(AppContext.BaseDirectory, "ComputeShare.Benchmarks.dll");
        string[] settings =
        [
            string.Create(CultureInfo.InvariantCulture, $"--Ports:Internal={ports[0]}"), string.Create(CultureInfo.InvariantCulture, $"--Ports:Health={ports[1]}"),
            "--environment=Production", "--Node:Id=bench", $"--Node:DialToken={DialToken}", "--Node:Slots=256", "--Node:Tunnels=1",
            $"--Node:Gateways:0={gateway}", $"--Node:HosterKey={ApiKey.Create(ApiKey.HosterPrefix)}", "--Logging:LogLevel:Default=Warning",
        ];
        return new NodeHalf(LocalProcess.Start("dotnet", [program, Role, .. settings]), ports[0]);
    }

    /// <summary>What the process does.</summary>
    public static async Task RunAsync(string[] settings)
    {
        var builder = WebApplication.CreateBuilder(settings);
        builder.AddNode(PortRole.Internal, PortRole.Health);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.UseDialToken();
        app.MapGrpcService<PacedInference>().ServedOn(PortRole.Internal);
        await app.RunAsync();
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
