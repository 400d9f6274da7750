using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using ComputeShare.Gateway.Metering;
using ComputeShare.Gateway.Tests.Fuzzing;
using ComputeShare.HosterNode.Tests.Engines.OpenAI.Fuzzing;
using ComputeShare.TestSupport.Fuzzing;
using ComputeShare.Tokenizing;

namespace ComputeShare.Benchmarks;

/// <summary>
/// Hostile bytes through what reads them: an engine's streams, callers' requests, nodes' frames, states and tunnels. Ten million, or as many as are asked
/// for, from a given number on; of one kind, or of each its share. The first case that goes wrong ends the run, also by its time or its memory.
/// </summary>
internal sealed class FuzzBenchmark : IBenchmark
{
    private const int CasesUnlessAsked = 10_000_000;

    // Of what cases leave behind there must be nothing: of a million, 64 bytes each are as much.
    private const long MostMegabytesLeft = 64;

    // Whose cases take longer has fewer of them.
    private static readonly (string Kind, int PerMille, Func<Fuzz> New)[] Kinds =
    [
        ("engine", 400, NewEngine),
        ("requests", 300, NewRequests),
        ("frames", 260, NewFrames),
        ("states", 20, NewStates),
        ("tunnel", 20, NewTunnel),
    ];

    private string? _kind;
    private int _cases = CasesUnlessAsked;
    private int _first = 1;
    private volatile bool _isBroken;

    public string Name => "fuzz";

    public string Description => "hostile streams of engines, requests, frames, states and tunnels; [engine|requests|frames|states|tunnel] [CASES [FIRST]], ten million from 1 on unless asked";

    public bool TryConfigure(IReadOnlyList<string> options)
    {
        _kind = options.Count > 0 && Array.Exists(Kinds, kind => kind.Kind == options[0]) ? options[0] : null;
        string[] numbers = [.. options.Skip(_kind is null ? 0 : 1)];
        return numbers.Length <= 2
            && (numbers.Length < 1 || (int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out _cases) && _cases > 0))
            && (numbers.Length < 2 || (int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out _first) && _first <= int.MaxValue - _cases));
    }

    /// <exception cref="BrokenCaseException">A case went wrong; the message says which.</exception>
    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        var figures = new JsonObject { ["first"] = _first };
        await table.WriteLineAsync("kind           cases       good     failed  seconds  cases/s  KB a case  MB at its end");
        foreach (var (kind, perMille, start) in Kinds.Where(kind => _kind is null || kind.Kind == _kind))
        {
            var cases = _kind is null ? (int)((long)_cases * perMille / 1000) : _cases;
            var (good, failed, seconds, kilobytes) = await RunKindAsync(kind, start, cases);
            var memory = GC.GetTotalMemory(forceFullCollection: true) / 1_000_000;
            await table.WriteLineAsync(FormattableString.Invariant(
                $"{kind,-10} {good + failed,9}  {good,9}  {failed,9}  {seconds,7:F0}  {(good + failed) / seconds,7:F0}  {kilobytes,9}  {memory,13}"));
            figures[kind] = new JsonObject
            {
                ["cases"] = good + failed,
                ["good"] = good,
                ["failed"] = failed,
                ["seconds"] = Math.Round(seconds, 1),
                ["kilobytes_per_case"] = kilobytes,
                ["megabytes"] = memory,
            };
            if (memory > MostMegabytesLeft)
            {
                throw new BrokenCaseException(FormattableString.Invariant($"{kind}: its cases have left {memory} MB behind, more than {MostMegabytesLeft}."));
            }
        }

        return figures;
    }

    private async Task<(long Good, long Failed, double Seconds, long Kilobytes)> RunKindAsync(string kind, Func<Fuzz> start, int cases)
    {
        var workers = Environment.ProcessorCount;
        // Before anything is measured: some read a tokenizer.
        Fuzz[] fuzzes = [.. Enumerable.Range(0, workers).Select(_ => start())];
        using var watch = new CaseWatch(kind, workers);
        var started = Stopwatch.GetTimestamp();
        var ends = await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(() => RunWorkerAsync(fuzzes[worker], cases, worker, workers, watch))));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return (ends.Sum(end => end.Good), ends.Sum(end => end.Failed), seconds, watch.BytesPerCase / 1000);
    }

    private async Task<(long Good, long Failed)> RunWorkerAsync(Fuzz fuzz, int cases, int worker, int workers, CaseWatch watch)
    {
        try
        {
            for (long number = (long)_first + worker; number < (long)_first + cases && !_isBroken; number += workers)
            {
                watch.Begin(worker, (int)number);
                await fuzz.RunAsync((int)number);
                watch.End((int)number);
            }

            return fuzz.Ends();
        }
        catch
        {
            _isBroken = true;
            throw;
        }
        finally
        {
            watch.Leave(worker);
        }
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

    private static Fuzz NewStates()
    {
        var fuzz = new StateFuzz();
        return new Fuzz(fuzz.RunAsync, () => fuzz.Ends);
    }

    private static Fuzz NewTunnel()
    {
        var fuzz = new TunnelFuzz();
        return new Fuzz(fuzz.RunAsync, () => fuzz.Ends);
    }

    private sealed record Fuzz(Func<int, Task> RunAsync, Func<(long Good, long Failed)> Ends);

    /// <summary>Sees how long each worker's case runs, and how much all of them together allocate.</summary>
    private sealed class CaseWatch : IDisposable
    {
        private const int NoCase = -1;

        // A case may go on at other threads, so its own share is not known: what is judged is what all have allocated while so many ended.
        private const int Batch = 100;
        private const long MostBytesPerBatch = 200_000_000;

        private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

        private readonly string _kind;
        private readonly int[] _running;
        private readonly long _before = GC.GetTotalAllocatedBytes();
        private readonly ManualResetEvent _isOver = new(false);
        private readonly Thread _thread;
        private long _allocated;
        private int _ended;

        public CaseWatch(string kind, int workers)
        {
            _kind = kind;
            _running = [.. Enumerable.Repeat(NoCase, workers)];
            _allocated = _before;
            // Its own: a case that never gives its thread back may hold the last one of the pool.
            _thread = new Thread(Watch) { IsBackground = true, Name = "fuzz watch" };
            _thread.Start();
        }

        public long BytesPerCase => (GC.GetTotalAllocatedBytes() - _before) / Math.Max(1, _ended);

        public void Begin(int worker, int number) => Volatile.Write(ref _running[worker], number);

        /// <exception cref="BrokenCaseException">It, or one that ended shortly before, has allocated too much.</exception>
        public void End(int number)
        {
            if (Interlocked.Increment(ref _ended) % Batch != 0)
            {
                return;
            }

            var allocated = GC.GetTotalAllocatedBytes();
            var grown = allocated - Interlocked.Exchange(ref _allocated, allocated);
            if (grown > MostBytesPerBatch)
            {
                throw new BrokenCaseException(FormattableString.Invariant($"{_kind} {number}: {Batch} cases until about this one have allocated {grown / 1_000_000} MB."));
            }
        }

        /// <summary>The worker has no more cases.</summary>
        public void Leave(int worker) => Volatile.Write(ref _running[worker], NoCase);

        public void Dispose()
        {
            _isOver.Set();
            _thread.Join();
            _isOver.Dispose();
        }

        private void Watch()
        {
            int[] seen = [.. Enumerable.Repeat(NoCase, _running.Length)];
            var since = new long[seen.Length];
            while (!_isOver.WaitOne(LookEvery))
            {
                for (var worker = 0; worker < seen.Length; worker++)
                {
                    var number = Volatile.Read(ref _running[worker]);
                    if (number == NoCase || number != seen[worker])
                    {
                        (seen[worker], since[worker]) = (number, Stopwatch.GetTimestamp());
                    }
                    else if (Stopwatch.GetElapsedTime(since[worker]) > FuzzCases.Hang)
                    {
                        // Nothing can end the case but the end of the process.
                        Console.Error.WriteLine(FormattableString.Invariant($"{_kind} {number}: not over after {FuzzCases.Hang.TotalSeconds} seconds."));
                        Environment.Exit(1);
                    }
                }
            }
        }
    }
}
