using ComputeShare.TestSupport;

namespace ComputeShare.Benchmarks;

/// <summary>A page of docs/benchmarks: the part between two marks is what the last full run told.</summary>
internal static class BenchmarkPage
{
    private const string End = "<!-- To here. -->";

    public static async Task WriteAsync(string benchmark, IEnumerable<string> report)
    {
        var (path, mark) = (Repository.PathOf("docs", "benchmarks", $"{benchmark}.md"), $"<!-- Written by ./bench {benchmark}. -->");
        var text = await File.ReadAllTextAsync(path);
        var (begin, end) = (text.IndexOf(mark, StringComparison.Ordinal) + mark.Length, text.IndexOf(End, StringComparison.Ordinal));
        await File.WriteAllTextAsync(path, $"{text[..begin]}\n{string.Join('\n', report)}\n{text[end..]}");
    }
}
