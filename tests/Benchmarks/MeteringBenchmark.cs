using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Metering;
using ComputeShare.Gateway.Streaming;
using ComputeShare.TestSupport;
using ComputeShare.Tokenizing;
using ComputeShare.Tokenizing.BytePairs;
using ComputeShare.Tokenizing.Gguf;

namespace ComputeShare.Benchmarks;

/// <summary>
/// What counting costs the gateway, on this project's own documents: a stream of one token a frame, beside the same without a tokenizer; and a
/// prompt.
/// </summary>
internal sealed class MeteringBenchmark : IBenchmark
{
    private const int Rounds = 9;
    private const int MostTokens = 20_000;

    public string Name => "metering";

    public string Description => "CPU time of counting: per streamed token, and per byte of a prompt";

    public Task<JsonObject> RunAsync(TextWriter table)
    {
        var tokenizer = BpeTokenizer.Read(GgufFile.ReadMetadata(Path.Combine(new MeteringOptions().TokenizerPath, "computeshare-tiny.gguf")));
        var text = string.Concat(Directory.GetFiles(Repository.PathOf("docs"), "*.md").Order(StringComparer.Ordinal).Select(File.ReadAllText));
        var frames = Frames(tokenizer, text);
        var counted = Measure(() => Stream(frames, tokenizer)) / frames.Count;
        var uncounted = Measure(() => Stream(frames, null)) / frames.Count;
        var prompt = Measure(() => TokenCounter.CountOf(tokenizer, text)) / Encoding.UTF8.GetByteCount(text);
        table.WriteLine($"stream, counted     {counted,8:0} ns a token");
        table.WriteLine($"stream, not counted {uncounted,8:0} ns a token");
        table.WriteLine($"prompt              {prompt,8:0.0} ns a byte");
        return Task.FromResult(new JsonObject
        {
            ["stream_ns_per_token"] = Math.Round(counted),
            ["stream_uncounted_ns_per_token"] = Math.Round(uncounted),
            ["prompt_ns_per_byte"] = Math.Round(prompt, 1),
        });
    }

    private static List<Delta> Frames(BpeTokenizer tokenizer, string text)
    {
        var tokens = new List<int>();
        tokenizer.Encode(text, tokens);
        var frames = new List<Delta>();
        var open = new List<byte>();
        foreach (var token in tokens.Take(MostTokens))
        {
            open.AddRange(tokenizer.BytesOf(token));
            var piece = Encoding.UTF8.GetString([.. open]);
            // A character split over tokens comes with its last one.
            if (!piece.Contains('\ufffd', StringComparison.Ordinal))
            {
                frames.Add(new Delta { Text = piece, TokenCount = 1 });
                open.Clear();
            }
        }

        return frames;
    }

    // What the relay asks of a choice for each frame.
    private static long Stream(List<Delta> frames, TextTokenizer? tokenizer)
    {
        var choice = new ChoiceText(0, [], null, tokenizer: tokenizer);
        var sum = 0L;
        foreach (var frame in frames)
        {
            choice.Push(frame);
            sum += choice.Tokens + choice.CertainTokens;
        }

        return sum;
    }

    private static double Measure(Func<long> work)
    {
        var rounds = new double[Rounds];
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            work();
            rounds[round] = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        }

        return Median.Of(rounds);
    }
}
