using System.Globalization;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>This program once more, in a process of its own, as one of its roles.</summary>
internal static class ChildServer
{
    /// <param name="role">Which.</param>
    /// <param name="arguments">After the port that it listens at.</param>
    /// <param name="limit">Until it must answer.</param>
    /// <param name="cores">Which it may run on; default: those of this process.</param>
    public static async Task<(LocalProcess Process, Uri Address)> StartAsync(string role, IEnumerable<string> arguments, TimeSpan limit, string? cores = null)
    {
        var port = LoopbackPorts.TakeFree();
        var program = Path.Combine(AppContext.BaseDirectory, "ComputeShare.Benchmarks.dll");
        string[] command = ["dotnet", program, role, port.ToString(CultureInfo.InvariantCulture), .. arguments];
        var process = cores is null ? LocalProcess.Start(command[0], command[1..]) : LocalProcess.Start("taskset", ["-c", cores, .. command]);
        var address = new Uri($"http://127.0.0.1:{port}");
        using var http = new HttpClient { BaseAddress = address };
        await Poll.UntilAsync($"{role} answers", () => AnswersAsync(http, process), limit, CancellationToken.None);
        return (process, address);
    }

    private static async Task<bool> AnswersAsync(HttpClient http, LocalProcess process)
    {
        if (process.HasExited)
        {
            throw new InvalidOperationException($"A process of the benchmark has ended: {process.Output}");
        }

        try
        {
            using var answer = await http.GetAsync(new Uri("/v1/models", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
