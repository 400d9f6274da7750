using ComputeShare.TestSupport;

namespace ComputeShare.Benchmarks.Simulation;

/// <summary>docs/benchmarks/simulate.md and its picture: what the last run told.</summary>
internal static class SimulationDocument
{
    public static async Task WriteAsync(IReadOnlyList<string> report, IReadOnlyList<SimulationResult> results)
    {
        await File.WriteAllTextAsync(Repository.PathOf("docs", "benchmarks", "simulate.svg"), SimulationPicture.Draw(results));
        await BenchmarkPage.WriteAsync("simulate", [.. report, "", "![The same as bars](simulate.svg)"]);
    }
}
