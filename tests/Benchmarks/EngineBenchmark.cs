using System.Diagnostics;
using System.Text.Json.Nodes;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Engines.BuiltIn;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ComputeShare.Benchmarks;

/// <summary>How fast the built-in engine generates, without anything around it.</summary>
internal sealed class EngineBenchmark : IBenchmark
{
    private const int Rounds = 5;
    private const uint Tokens = 200;

    private static readonly ByteString Body = ByteString.CopyFromUtf8(
        """{"messages":[{"role":"user","content":"Write a haiku about GPUs"}],"temperature":1,"seed":1,"min_tokens":200}""");

    public string Name => "engine";

    public string Description => "tokens per second of the built-in engine, one stream and four";

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddBuiltInEngine();
        await using var services = builder.Build();
        var engine = services.Services.GetRequiredService<IInferenceEngine>();

        // Compiled and warm before anything is measured.
        await GenerateAsync(engine, streams: 1);
        var figures = new JsonObject();
        await table.WriteLineAsync("streams  tokens/s");
        foreach (var streams in new[] { 1, 4 })
        {
            var rates = new List<double>();
            for (var round = 0; round < Rounds; round++)
            {
                var started = Stopwatch.GetTimestamp();
                var tokens = await GenerateAsync(engine, streams);
                rates.Add(tokens / Stopwatch.GetElapsedTime(started).TotalSeconds);
            }

            var rate = Math.Round(Median.Of(rates));
            figures[$"tokens_per_second_{streams}"] = rate;
            await table.WriteLineAsync($"{streams,7}  {rate,8}");
        }

        return figures;
    }

    private static async Task<long> GenerateAsync(IInferenceEngine engine, int streams)
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, streams).Select(async stream =>
        {
            var request = new GenerateRequest
            {
                RequestId = $"{stream}",
                Slots = 1,
                Model = "computeshare/tiny",
                MaxTokens = Tokens,
                Chat = new ChatWork { Body = Body },
            };
            long tokens = 0;
            await foreach (var frame in engine.GenerateAsync(request, CancellationToken.None))
            {
                tokens += frame.Delta?.TokenCount ?? 0;
            }

            return tokens;
        }));
        return counts.Sum();
    }
}
