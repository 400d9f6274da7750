using System.Globalization;
using System.Runtime.InteropServices;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI;

/// <summary>llama.cpp with the committed model, as a process (tests/LlamaServer).</summary>
internal sealed class LlamaServer : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly LocalProcess _process;

    private LlamaServer(LocalProcess process, int port)
    {
        _process = process;
        Url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
    }

    public static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public Uri Url { get; }

    /// <param name="endless">Texts go on up to their limit.</param>
    public static async Task<LlamaServer> StartAsync(bool endless = false)
    {
        var process = LocalProcess.Start("node", [Repository.PathOf("tests", "LlamaServer", "server.mjs"), CommittedModel.Path, .. endless ? ["endless"] : Array.Empty<string>()]);
        var line = await process.WaitForLineAsync(line => line.StartsWith("listening ", StringComparison.Ordinal), Limit, TestContext.Current.CancellationToken);
        return new LlamaServer(process, int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    /// <summary>How many generations run now.</summary>
    public static async Task<int> RunningAsync(HttpClient http, Uri url) =>
        int.Parse(await http.GetStringAsync(new Uri(url, "/running"), TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);

    public Task KillAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
