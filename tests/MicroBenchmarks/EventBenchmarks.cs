using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.OpenAI.Chat;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.MicroBenchmarks;

/// <summary>One event of a stream: with what is around its text made once, and by the serializer.</summary>
public class EventBenchmarks
{
    private const int Events = 1000;

    private readonly ChatCompletionChunk _chunk;
    private readonly TextEvent _text;

    public EventBenchmarks()
    {
        _chunk = new ChatCompletionChunk { Id = "chatcmpl-0198f0c2d1a37b3c9d2e4f5061728394", Created = 1_795_417_516, Model = "auto", Choices = [new ChunkChoice()] };
        _chunk.Choices[0].Delta.Content = "";
        _text = TextEvent.Of(_chunk, OpenAIJsonContext.Default.ChatCompletionChunk);
        _chunk.Choices[0].Delta.Content = " token";
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public Task WriteText() => WriteAsync(writer => _text.Write(writer, " token"));

    [Benchmark(OperationsPerInvoke = Events, Baseline = true)]
    public Task WriteBySerializer() => WriteAsync(writer => writer.WriteEvent(_chunk, OpenAIJsonContext.Default.ChatCompletionChunk));

    private static async Task WriteAsync(Action<SseWriter> write)
    {
        var output = PipeWriter.Create(Stream.Null);
        using var writer = new SseWriter(output);
        for (var i = 0; i < Events; i++)
        {
            write(writer);
            await output.FlushAsync();
        }
    }
}
