using System.Globalization;
using System.Runtime.InteropServices;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.TestSupport.Servers;

/// <summary>llama.cpp with the committed model, as a process (tests/LlamaServer).</summary>
public sealed class LlamaServer : IAsyncDisposable
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

    /// <param name="cancellationToken">Ends the wait for it.</param>
    /// <param name="pause">Between two tokens, for tests that must come in between; default: none.</param>
    /// <param name="endless">Texts go on up to their limit.</param>
    public static async Task<LlamaServer> StartAsync(CancellationToken cancellationToken, TimeSpan pause = default, bool endless = false)
    {
        var process = LocalProcess.Start(
            "node",
            [Repository.PathOf("tests", "LlamaServer", "server.mjs"), Repository.PathOf("HosterNode", "Models", "tiny.gguf"), .. endless ? ["endless"] : Array.Empty<string>()],
            new Dictionary<string, string?> { ["TOKEN_PAUSE_MS"] = ((int)pause.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) });
        var line = await process.WaitForLineAsync(line => line.StartsWith("listening ", StringComparison.Ordinal), Limit, cancellationToken);
        return new LlamaServer(process, int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    /// <summary>How many generations run now.</summary>
    public static async Task<int> RunningAsync(HttpClient http, Uri url, CancellationToken cancellationToken) =>
        int.Parse(await http.GetStringAsync(new Uri(url, "/running"), cancellationToken), CultureInfo.InvariantCulture);

    public Task KillAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
