using System.Globalization;
using System.Text.Json;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines;
using Google.Protobuf;

namespace ComputeShare.HosterNode.Joining;

/// <summary>
/// Measures what the engine gives: time to the first token, tokens per second, and how many requests side by side still raise its
/// throughput. Short, because somebody waits for it; the market measures the rest from real traffic.
/// </summary>
internal sealed class SelfMeasurement(IInferenceEngine engine, TimeProvider clock)
{
    /// <summary>Where an engine does not say how many requests it runs side by side.</summary>
    public const int MostSlots = 16;

    // An engine may have to load the model first.
    private static readonly TimeSpan LoadLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan RoundLimit = TimeSpan.FromSeconds(2.5);
    private const uint WarmUpTokens = 4;
    private const uint RoundTokens = 160;

    // Less is noise, and each stream gets slower for it.
    private const double LeastGain = 1.15;

    /// <exception cref="EngineException">The engine cannot serve a request.</exception>
    /// <exception cref="OperationCanceledException">It gave no token in time, or the token says so.</exception>
    public async Task<Measurement> MeasureAsync(EngineModel model, int mostSlots, CancellationToken cancellationToken)
    {
        await WarmUpAsync(model, cancellationToken);
        var alone = await RoundAsync(model, 1, cancellationToken);
        var best = alone;
        while (best.Streams < mostSlots)
        {
            var round = await RoundAsync(model, Math.Min(best.Streams * 2, mostSlots), cancellationToken);
            if (round.TokensPerSecond < best.TokensPerSecond * LeastGain)
            {
                break;
            }

            best = round;
        }

        return new Measurement(alone.TimeToFirstToken, alone.TokensPerSecond, best.Streams, best.TokensPerSecond);
    }

    private async Task WarmUpAsync(EngineModel model, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(LoadLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        await foreach (var _ in engine.GenerateAsync(Request(model, WarmUpTokens, 0), either.Token))
        {
            // Until it is over.
        }
    }

    private async Task<Round> RoundAsync(EngineModel model, int streams, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(RoundLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        var start = clock.GetTimestamp();
        // Other words for each, so that no answer of one is the prefix of another.
        var runs = await Task.WhenAll(Enumerable.Range(1, streams).Select(number => RunAsync(Request(model, RoundTokens, number), either.Token)));
        cancellationToken.ThrowIfCancellationRequested();
        var took = clock.GetElapsedTime(start);
        var firsts = runs.Select(run => run.First).OfType<TimeSpan>().ToArray();
        return firsts.Length == 0
            ? throw new OperationCanceledException("No token came in time.")
            : new Round(streams, firsts.Min(), runs.Sum(run => run.Tokens) / took.TotalSeconds);
    }

    /// <summary>To its end, or as far as it gets.</summary>
    private async Task<(TimeSpan? First, long Tokens)> RunAsync(GenerateRequest request, CancellationToken roundEnds)
    {
        var start = clock.GetTimestamp();
        (TimeSpan? First, long Tokens) run = (null, 0);
        try
        {
            await foreach (var frame in engine.GenerateAsync(request, roundEnds))
            {
                if (frame.KindCase == Frame.KindOneofCase.Delta)
                {
                    run = (run.First ?? clock.GetElapsedTime(start), run.Tokens + frame.Delta.TokenCount);
                }
            }
        }
        catch (OperationCanceledException) when (roundEnds.IsCancellationRequested)
        {
            // The round is over; what came counts.
        }

        return run;
    }

    private GenerateRequest Request(EngineModel model, uint maxTokens, int number)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"Tell a long story in which the number {number} matters.");
        var request = new GenerateRequest
        {
            RequestId = RequestId.New(clock).Value,
            Attempt = 1,
            Slots = 1,
            Model = model.LocalName,
            MaxTokens = maxTokens,
            Deadlines = new Deadlines(),
        };
        if (model.Capabilities.Contains("chat"))
        {
            var body = new Dictionary<string, object> { ["messages"] = new[] { new Dictionary<string, string> { ["role"] = "user", ["content"] = text } } };
            request.Chat = new ChatWork { Body = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(body)) };
        }
        else
        {
            var body = new Dictionary<string, string> { ["prompt"] = text };
            request.Completion = new CompletionWork { Body = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(body)) };
        }

        return request;
    }

    private sealed record Round(int Streams, TimeSpan TimeToFirstToken, double TokensPerSecond);
}

/// <param name="TokensPerSecond">Of one request alone.</param>
/// <param name="Slots">Requests side by side up to which the throughput grew.</param>
/// <param name="TotalPerSecond">Of so many, together.</param>
internal sealed record Measurement(TimeSpan TimeToFirstToken, double TokensPerSecond, int Slots, double TotalPerSecond);
