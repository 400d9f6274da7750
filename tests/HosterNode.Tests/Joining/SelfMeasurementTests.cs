using System.Runtime.CompilerServices;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Joining;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.HosterNode.Tests.Joining;

public sealed class SelfMeasurementTests
{
    private static readonly EngineModel Model = new("m", "", "", 4096, ["chat"], "");

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Measure_AnEngineThatBatchesUpToFour_OffersFour()
    {
        var measured = await MeasureAsync(batch: 4, mostSlots: 16);

        // 160 tokens in 160 × 5 ms.
        Assert.Equal((4, TimeSpan.FromMilliseconds(5), 200), (measured.Slots, measured.TimeToFirstToken, measured.TokensPerSecond), Closely);
        Assert.Equal(800, measured.TotalPerSecond, 1.0);
    }

    [Fact]
    public async Task Measure_AnEngineThatBatchesNothing_OffersOne() => Assert.Equal(1, (await MeasureAsync(batch: 1, mostSlots: 16)).Slots);

    [Fact]
    public async Task Measure_AnEngineWithFewerSlotsThanItCouldBatch_OffersThose() => Assert.Equal(3, (await MeasureAsync(batch: 16, mostSlots: 3)).Slots);

    [Fact]
    public async Task Measure_AModelThatNeverWritesAToken_IsAFailure() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new SelfMeasurement(new SilentEngine(), _clock).MeasureAsync(Model, 4, TestContext.Current.CancellationToken));

    private Task<Measurement> MeasureAsync(int batch, int mostSlots) =>
        new SelfMeasurement(new BatchingEngine(_clock, batch), _clock).MeasureAsync(Model, mostSlots, TestContext.Current.CancellationToken);

    private static bool Closely((int Slots, TimeSpan First, double Speed) expected, (int Slots, TimeSpan First, double Speed) actual) =>
        expected.Slots == actual.Slots && expected.First == actual.First && Math.Abs(expected.Speed - actual.Speed) < 1;

    /// <summary>
    /// Moves the clock itself, 5 ms a token. Streams run one after the other here, so the first of a batch takes the time of all, and those
    /// beyond the batch take their own.
    /// </summary>
    private sealed class BatchingEngine(FakeTimeProvider clock, int batch) : IInferenceEngine
    {
        public ValueTask<EngineDescription> DescribeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public async IAsyncEnumerable<Frame> GenerateAsync(GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var text = request.Chat.Body.ToStringUtf8();
            var number = int.Parse(new string([.. text.Where(char.IsAsciiDigit)]), System.Globalization.CultureInfo.InvariantCulture);
            await ValueTask.CompletedTask;
            for (var token = 0; token < request.MaxTokens; token++)
            {
                if (number <= 1 || number > batch)
                {
                    clock.Advance(TimeSpan.FromMilliseconds(5));
                }

                cancellationToken.ThrowIfCancellationRequested();
                yield return new Frame { Delta = new Delta { TokenCount = 1 } };
            }

            yield return new Frame { Finished = new Finished() };
        }
    }

    private sealed class SilentEngine : IInferenceEngine
    {
        public ValueTask<EngineDescription> DescribeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public async IAsyncEnumerable<Frame> GenerateAsync(GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await ValueTask.CompletedTask;
            yield return new Frame { Finished = new Finished() };
        }
    }
}
