using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using ComputeShare.Gateway.Metering;
using ComputeShare.Gateway.Tests.Fuzzing;
using ComputeShare.HosterNode.Tests.Engines.OpenAI.Fuzzing;
using ComputeShare.Tokenizing;

namespace ComputeShare.Benchmarks;

/// <summary>
/// Hostile bytes through what reads them: an engine's streams, callers' requests, nodes' frames and tunnels. Ten million, or as many as are asked
/// for, from a given number on; of one kind, or of each its share.
/// </summary>
internal sealed class FuzzBenchmark : IBenchmark
{
    private const int CasesUnlessAsked = 10_000_000;

    // Whose cases take longer has fewer of them.
    private static readonly (string Kind, int PerMille, Func<Fuzz> New)[] Kinds =
    [
        ("engine", 400, NewEngine),
        ("requests", 300, NewRequests),
        ("frames", 280, NewFrames),
        ("tunnel", 20, NewTunnel),
    ];

    private string? _kind;
    private int _cases = CasesUnlessAsked;
    private int _first = 1;

    public string Name => "fuzz";

    public string Description => "hostile streams of engines, requests, frames and tunnels; [engine|requests|frames|tunnel] [CASES [FIRST]], ten million from 1 on unless asked";

    public bool TryConfigure(IReadOnlyList<string> options)
    {
        _kind = options.Count > 0 && Array.Exists(Kinds, kind => kind.Kind == options[0]) ? options[0] : null;
        string[] numbers = [.. options.Skip(_kind is null ? 0 : 1)];
        return numbers.Length <= 2
            && (numbers.Length < 1 || (int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out _cases) && _cases > 0))
            && (numbers.Length < 2 || (int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out _first) && _first <= int.MaxValue - _cases));
    }

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        var figures = new JsonObject { ["first"] = _first };
        await table.WriteLineAsync("kind           cases       good     failed  seconds  cases/s  MB at its end");
        foreach (var (kind, perMille, start) in Kinds.Where(kind => _kind is null || kind.Kind == _kind))
        {
            var cases = _kind is null ? (int)((long)_cases * perMille / 1000) : _cases;
            var started = Stopwatch.GetTimestamp();
            var workers = Environment.ProcessorCount;
            var ends = await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(() => RunAsync(start(), cases, worker, workers))));
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var (good, failed) = (ends.Sum(end => end.Good), ends.Sum(end => end.Failed));
            // Of what cases leave behind there must be nothing.
            var memory = GC.GetTotalMemory(forceFullCollection: true) / 1_000_000;
            await table.WriteLineAsync(FormattableString.Invariant($"{kind,-10} {good + failed,9}  {good,9}  {failed,9}  {seconds,7:F0}  {(good + failed) / seconds,7:F0}  {memory,13}"));
            figures[kind] = new JsonObject { ["cases"] = good + failed, ["good"] = good, ["failed"] = failed, ["seconds"] = Math.Round(seconds, 1), ["megabytes"] = memory };
        }

        return figures;
    }

    /// <exception cref="TestSupport.Fuzzing.BrokenCaseException">A case went wrong; the message says which.</exception>
    private async Task<(long Good, long Failed)> RunAsync(Fuzz fuzz, int cases, int worker, int workers)
    {
        for (long number = (long)_first + worker; number < (long)_first + cases; number += workers)
        {
            await fuzz.RunAsync((int)number);
        }

        return fuzz.Ends();
    }

    private static Fuzz NewEngine()
    {
        var fuzz = new StreamFuzz();
        return new Fuzz(fuzz.RunAsync, () => fuzz.Ends);
    }

    private static Fuzz NewRequests()
    {
        var fuzz = new RequestFuzz();
        return new Fuzz(fuzz.RunAsync, () => fuzz.Ends);
    }

    private static Fuzz NewFrames()
    {
        var fuzz = new FrameFuzz(TokenizerFile.Read(Path.Combine(new MeteringOptions().TokenizerPath, "computeshare-tiny.gguf")));
        return new Fuzz(fuzz.RunAsync, () => fuzz.Ends);
    }

    private static Fuzz NewTunnel()
    {
        var fuzz = new TunnelFuzz();
        return new Fuzz(fuzz.RunAsync, () => fuzz.Ends);
    }

    private sealed record Fuzz(Func<int, Task> RunAsync, Func<(long Good, long Failed)> Ends);
}
