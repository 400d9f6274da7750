using System.Threading.Channels;
using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.ServiceDefaults.Tests.Workers;

public sealed class PeriodicWorkerTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly SignallingClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Worker_WithEachPeriod_DoesOneRound()
    {
        using var worker = new Rounds(_clock);
        await worker.StartAsync(Token);

        await NextRoundAsync(worker);
        await NextRoundAsync(worker);

        Assert.Equal(2, worker.Done);
        await worker.StopAsync(Token);
    }

    [Fact]
    public async Task Worker_ThatStartsAtOnce_DoesItsFirstRoundWithTheStart()
    {
        using var worker = new Rounds(_clock) { AtOnce = true };
        await worker.StartAsync(Token);

        await worker.RoundAsync(Token);

        Assert.Equal(1, worker.Done);
        await worker.StopAsync(Token);
    }

    [Fact]
    public async Task Round_ThatFails_DoesNotEndTheWorker()
    {
        using var worker = new Rounds(_clock) { Fails = true };
        await worker.StartAsync(Token);

        await NextRoundAsync(worker);
        await NextRoundAsync(worker);

        Assert.False(worker.ExecuteTask!.IsCompleted);
        await worker.StopAsync(Token);
    }

    [Fact]
    public async Task Stop_WhileARoundRuns_CancelsIt()
    {
        using var worker = new Rounds(_clock) { AtOnce = true, Hangs = true };
        await worker.StartAsync(Token);
        await worker.RoundAsync(Token);

        await worker.StopAsync(Token);

        Assert.True(worker.ExecuteTask!.IsCompleted);
    }

    private async Task NextRoundAsync(Rounds worker)
    {
        // A tick that comes while a round still runs is kept by the timer; before there is a timer it is lost.
        await _clock.TimerMade.WaitAsync(Limit, Token);
        _clock.Advance(Period);
        await worker.RoundAsync(Token);
    }

    private sealed class Rounds(TimeProvider clock) : PeriodicWorker(Period, clock, NullLogger.Instance)
    {
        private readonly Channel<int> _rounds = Channel.CreateUnbounded<int>();

        public int Done { get; private set; }

        public bool AtOnce { get; init; }

        public bool Fails { get; init; }

        public bool Hangs { get; init; }

        protected override bool StartsAtOnce => AtOnce;

        public async Task RoundAsync(CancellationToken cancellationToken) =>
            await _rounds.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(Limit, cancellationToken);

        public override async Task RunOnceAsync(CancellationToken cancellationToken)
        {
            Done++;
            _rounds.Writer.TryWrite(Done);
            if (Hangs)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            if (Fails)
            {
                throw new InvalidOperationException("asked to");
            }
        }
    }
    private sealed class SignallingClock : FakeTimeProvider
    {
        private readonly TaskCompletionSource _made = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task TimerMade => _made.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _made.TrySetResult();
            return timer;
        }
    }
}
