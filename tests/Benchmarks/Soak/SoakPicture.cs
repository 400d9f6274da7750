using ComputeShare.TestSupport.Processes;

namespace ComputeShare.Benchmarks.Soak;

/// <summary>docs/benchmarks/soak.svg: latencies, memory, handles and threads over the run, and when something was killed.</summary>
internal static class SoakPicture
{
    private const double Megabyte = 1024 * 1024;

    public static string Draw(SoakRun run)
    {
        var picture = new LinePicture(run.Length.TotalMinutes, [.. run.Kills.Select(kill => Minute(kill.At))]);
        var latencies = SoakLatency.Of(run.Answers, run.Start);
        picture.Add(
            "Time to the first token (ms); something was killed at each yellow line",
            [
                new("99th percentile", [.. latencies.Select(latency => (Minute(latency.At), latency.P99.TotalMilliseconds))]),
                new("median", [.. latencies.Select(latency => (Minute(latency.At), latency.P50.TotalMilliseconds))]),
            ]);
        picture.Add("Memory (MiB); grey: processes that were killed and those that came after them", Lines(footprint => footprint.ResidentBytes / Megabyte));
        picture.Add("Handles", Lines(footprint => footprint.Handles));
        picture.Add("Threads", Lines(footprint => footprint.Threads));
        return picture.Draw();

        double Minute(DateTimeOffset at) => (at - run.Start).TotalMinutes;

        IReadOnlyList<LinePicture.Line> Lines(Func<Footprint, double> of) =>
            [.. run.Samples.Where(sample => sample.At >= run.Start && sample.At <= run.Start + run.Length)
                .GroupBy(sample => (sample.Process, sample.Footprint.ProcessId))
                .Select(life => new LinePicture.Line(
                    run.Kills.Any(kill => kill.Replica.Name == life.Key.Process) ? "" : life.Key.Process,
                    [.. life.Select(sample => (Minute(sample.At), of(sample.Footprint)))]))];
    }
}
