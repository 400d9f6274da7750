using System.Globalization;
using System.Net.Http.Json;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.TestSupport.Servers;

/// <summary>llama.cpp's tokenizers with vocabularies of the test's choice, as a process (tests/LlamaServer).</summary>
public sealed class LlamaTokenizers : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly LocalProcess _process;
    private readonly HttpClient _http;

    private LlamaTokenizers(LocalProcess process, int port)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/")), Timeout = Limit };
    }

    /// <param name="files">GGUF files; nothing but their vocabularies is read.</param>
    public static async Task<LlamaTokenizers> StartAsync(IReadOnlyCollection<string> files, CancellationToken cancellationToken)
    {
        var process = LocalProcess.Start("node", [Repository.PathOf("tests", "LlamaServer", "tokenize.mjs"), .. files]);
        var line = await process.WaitForLineAsync(line => line.StartsWith("listening ", StringComparison.Ordinal), Limit, cancellationToken);
        return new LlamaTokenizers(process, int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    /// <returns>The tokens of each text.</returns>
    public async Task<int[][]> TokenizeAsync(int file, IReadOnlyCollection<string> texts, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri(file.ToString(CultureInfo.InvariantCulture), UriKind.Relative), texts, cancellationToken);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<int[][]>(cancellationToken) ?? [];
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }
}
