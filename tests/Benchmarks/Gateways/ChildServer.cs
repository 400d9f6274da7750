using System.Globalization;
using System.Text.Json.Nodes;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>This program once more, in a process of its own, as one of its roles.</summary>
internal static class ChildServer
{
    /// <param name="role">Which.</param>
    /// <param name="arguments">After the port that it listens at.</param>
    /// <param name="limit">Until it must answer.</param>
    /// <param name="cores">Which it may run on; default: those of this process.</param>
    /// <param name="isPlain">With .NET's own settings, without those that this repository gives its programs.</param>
    public static async Task<(LocalProcess Process, Uri Address)> StartAsync(
        string role, IEnumerable<string> arguments, TimeSpan limit, string? cores = null, bool isPlain = false)
    {
        var port = LoopbackPorts.TakeFree();
        var program = Path.Combine(AppContext.BaseDirectory, "ComputeShare.Benchmarks.dll");
        string[] runtime = isPlain ? ["env", "--unset=DOTNET_GCgen0size", "dotnet", "exec", "--runtimeconfig", WritePlainConfig()] : ["dotnet"];
        string[] command = [.. runtime, program, role, port.ToString(CultureInfo.InvariantCulture), .. arguments];
        var process = cores is null ? LocalProcess.Start(command[0], command[1..]) : LocalProcess.Start("taskset", ["-c", cores, .. command]);
        var address = new Uri($"http://127.0.0.1:{port}");
        await process.WaitUntilAnswersAsync(new Uri(address, "/v1/models"), limit, CancellationToken.None);
        return (process, address);
    }

    private static string WritePlainConfig()
    {
        var own = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ComputeShare.Benchmarks.runtimeconfig.json")))!;
        own["runtimeOptions"]!.AsObject().Remove("configProperties");
        var path = Path.Combine(AppContext.BaseDirectory, "plain.runtimeconfig.json");
        File.WriteAllText(path, own.ToJsonString());
        return path;
    }
}
