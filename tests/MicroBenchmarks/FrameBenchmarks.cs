using BenchmarkDotNet.Attributes;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Streaming.Frames;

namespace ComputeShare.MicroBenchmarks;

/// <summary>One frame of a token, from its bytes: as the gateway reads it, and as the library does.</summary>
public class FrameBenchmarks : IDisposable
{
    private const int Tokens = 1000;

    private readonly NodeAnswer _node = new(Tokens);
    private readonly FrameDecoder _decoder = new();

    [GlobalCleanup]
    public void Dispose()
    {
        _node.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = Tokens)]
    public async Task<int> Call()
    {
        using var call = new GenerateCall(_node.Way, new GenerateRequest(), CancellationToken.None);
        var frames = 0;
        while (await call.ReadAsync())
        {
            frames++;
        }

        return frames;
    }

    [Benchmark(OperationsPerInvoke = Tokens)]
    public int Decode()
    {
        var characters = 0;
        foreach (var message in _node.Messages)
        {
            characters += _decoder.Decode(message).Delta.Text.Length;
        }

        return characters;
    }

    [Benchmark(OperationsPerInvoke = Tokens, Baseline = true)]
    public int DecodeByLibrary()
    {
        var characters = 0;
        foreach (var message in _node.Messages)
        {
            characters += Frame.Parser.ParseFrom(message).Delta.Text.Length;
        }

        return characters;
    }
}
