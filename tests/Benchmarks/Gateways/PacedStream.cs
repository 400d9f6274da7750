using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>One stream of the engine. It is written to by its request at first, then by the pacing alone.</summary>
internal sealed class PacedStream(PipeWriter output, int tokens)
{
    private static readonly byte[][] Chunks = [.. Enumerable.Range(0, BenchText.Period).Select(token => Chunk($$"""{"content":"{{BenchText.Token(token)}}"}""", "null"))];
    private static readonly byte[] Role = Chunk("""{"role":"assistant","content":""}""", "null");
    private static readonly byte[] End = Chunk("{}", "\"length\"");
    private static readonly byte[] Done = "data: [DONE]\n\n"u8.ToArray();

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _hasLeft;
    private int _next;

    public Task Ended => _ended.Task;

    /// <summary>The first token at once: it is what the time to the first token is measured by.</summary>
    public async Task BeginAsync()
    {
        output.Write(Role);
        WriteNext();
        await output.FlushAsync();
    }

    public void Leave() => _hasLeft = true;

    /// <summary>All of it in one piece, as a whole answer that is there at once.</summary>
    public async Task GoToEndAsync()
    {
        output.Write(Role);
        while (_next < tokens)
        {
            WriteNext();
        }

        WriteEnd();
        await output.FlushAsync();
    }

    /// <returns>Whether there is more to come.</returns>
    public bool Go()
    {
        if (_hasLeft)
        {
            _ended.TrySetResult();
            return false;
        }

        if (_next < tokens)
        {
            WriteNext();
            Flush();
            return true;
        }

        WriteEnd();
        Flush();
        _ended.TrySetResult();
        return false;
    }

    private void WriteNext() => output.Write(Chunks[_next++ % Chunks.Length]);

    private void WriteEnd()
    {
        output.Write(End);
        output.Write(Encoding.UTF8.GetBytes(
            $$$"""data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1,"model":"{{{BenchText.Model}}}","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":{{{tokens}}},"total_tokens":{{{tokens + 12}}}}}""" + "\n\n"));
        output.Write(Done);
    }

    // A reader that is behind by 64 KB is a defect of the benchmark: it would be seen as missing tokens.
    private void Flush()
    {
        var flushed = output.FlushAsync();
        if (!flushed.IsCompletedSuccessfully)
        {
            _ = flushed.AsTask();
        }
    }

    private static byte[] Chunk(string delta, string finish) => Encoding.UTF8.GetBytes(
        $$$"""data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1,"model":"{{{BenchText.Model}}}","choices":[{"index":0,"delta":{{{delta}}},"finish_reason":{{{finish}}}}]}""" + "\n\n");
}
