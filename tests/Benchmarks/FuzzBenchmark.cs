using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using ComputeShare.HosterNode.Tests.Engines.OpenAI.Fuzzing;

namespace ComputeShare.Benchmarks;

/// <summary>Hostile streams of an engine through the node's reader: ten million, or as many as are asked for, from a given number on or from any.</summary>
internal sealed class FuzzBenchmark : IBenchmark
{
    private const int CasesUnlessAsked = 10_000_000;

    private int _cases = CasesUnlessAsked;
    private int _first = 1;

    public string Name => "fuzz";

    public string Description => "hostile streams of an engine through the node's reader; [CASES [FIRST]], ten million from 1 on unless asked";

    public bool TryConfigure(IReadOnlyList<string> options) => options.Count <= 2
        && (options.Count < 1 || (int.TryParse(options[0], NumberStyles.None, CultureInfo.InvariantCulture, out _cases) && _cases > 0))
        && (options.Count < 2 || (int.TryParse(options[1], NumberStyles.None, CultureInfo.InvariantCulture, out _first) && _first <= int.MaxValue - _cases));

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        var started = Stopwatch.GetTimestamp();
        var workers = Environment.ProcessorCount;
        var ends = await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(() => RunAsync(worker, workers))));
        var (finished, failed) = (ends.Sum(end => end.Finished), ends.Sum(end => end.Failed));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await table.WriteLineAsync("     cases   finished     failed  cases/s");
        await table.WriteLineAsync(FormattableString.Invariant($"{finished + failed,10}  {finished,9}  {failed,9}  {(finished + failed) / seconds,7:F0}"));
        return new JsonObject { ["cases"] = finished + failed, ["first"] = _first, ["finished"] = finished, ["failed"] = failed, ["seconds"] = Math.Round(seconds, 1) };
    }

    /// <exception cref="InvalidOperationException">A case went wrong; the message says which.</exception>
    private async Task<(long Finished, long Failed)> RunAsync(int worker, int workers)
    {
        var fuzz = new StreamFuzz();
        for (long number = (long)_first + worker; number < (long)_first + _cases; number += workers)
        {
            await fuzz.RunAsync((int)number);
        }

        return fuzz.Ends;
    }
}
