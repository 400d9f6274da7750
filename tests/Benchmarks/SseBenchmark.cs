using System.Diagnostics;
using System.IO.Pipelines;
using System.Text.Json.Nodes;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.OpenAI.Chat;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.Benchmarks;

/// <summary>What one streamed token costs the gateway in JSON and Server-Sent Events, without network and gRPC.</summary>
internal sealed class SseBenchmark : IBenchmark
{
    private const int Rounds = 7;
    private const int Events = 200_000;

    public string Name => "sse";

    public string Description => "nanoseconds and allocated bytes per streamed chunk";

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        await WriteEventsAsync();
        var nanoseconds = new List<double>();
        var bytes = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            await WriteEventsAsync();
            nanoseconds.Add(Stopwatch.GetElapsedTime(started).TotalNanoseconds / Events);
            bytes.Add((GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)Events);
        }

        var figures = new JsonObject
        {
            ["ns_per_chunk"] = Math.Round(Median.Of(nanoseconds)),
            ["bytes_per_chunk"] = Math.Round(Median.Of(bytes), 1),
        };
        await table.WriteLineAsync("ns/chunk  bytes allocated/chunk");
        await table.WriteLineAsync($"{figures["ns_per_chunk"],8}  {figures["bytes_per_chunk"],21}");
        return figures;
    }

    private static async Task WriteEventsAsync()
    {
        var output = PipeWriter.Create(Stream.Null);
        using var writer = new SseWriter(output);
        var chunk = new ChatCompletionChunk { Id = "chatcmpl-0198f0c2d1a37b3c9d2e4f5061728394", Created = 1_795_417_516, Model = "auto", Choices = [new ChunkChoice()] };
        for (var i = 0; i < Events; i++)
        {
            chunk.Choices[0].Delta.Content = " token";
            writer.WriteEvent(chunk, OpenAIJsonContext.Default.ChatCompletionChunk);
            await output.FlushAsync();
        }
    }
}
