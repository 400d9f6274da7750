using ComputeShare.TestSupport;

namespace ComputeShare.Benchmarks.Simulation;

/// <summary>docs/benchmarks/simulate.md and its picture: what the last run told.</summary>
internal static class SimulationDocument
{
    private const string Begin = "<!-- Written by ./bench simulate. -->";
    private const string End = "<!-- To here. -->";

    public static async Task WriteAsync(IReadOnlyList<string> report, IReadOnlyList<SimulationResult> results)
    {
        await File.WriteAllTextAsync(Repository.PathOf("docs", "benchmarks", "simulate.svg"), SimulationPicture.Draw(results));
        var path = Repository.PathOf("docs", "benchmarks", "simulate.md");
        var text = await File.ReadAllTextAsync(path);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        await File.WriteAllTextAsync(path, $"{text[..begin]}\n{string.Join('\n', report)}\n\n![The same as bars](simulate.svg)\n{text[end..]}");
    }
}
