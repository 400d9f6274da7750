using System.Diagnostics.Metrics;
using ComputeShare.HosterNode.Control;
using ComputeShare.HosterNode.Slots;
using ComputeShare.HosterNode.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.HosterNode.Tests.Control;

public sealed class NodeControlTests : IDisposable
{
    private readonly TemporaryFolder _place = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 26, 21, 0, 0, TimeSpan.Zero));
    private readonly StoppingHost _host = new();
    private readonly SlotTable _slots = new(
        Options.Create(new NodeOptions { Slots = 4 }),
        new HosterNodeTelemetry(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>()));

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Pause_WhileARequestRuns_LetsItRunAndTakesNothingNewUntilResumed()
    {
        var control = Start();
        using var running = _slots.TryTake("a", 1, most: null);

        control.Pause();

        Assert.Equal(ControlState.Paused, control.State);
        Assert.Null(_slots.TryTake("b", 1, most: null));
        Assert.Equal(["a"], _slots.Read().LeaseIds);
        Assert.False(_slots.Read().Draining);
        control.Resume();
        Assert.Equal(ControlState.Open, control.State);
        Assert.NotNull(_slots.TryTake("b", 1, most: null));
    }

    [Fact]
    public async Task Schedule_AsTimeGoesBy_OpensAndClosesTheNode()
    {
        var control = Start();
        using var worker = new ScheduleWorker(control, _clock, NullLogger<ScheduleWorker>.Instance);

        control.Set(Schedule.TryParse("22:00-08:00")!);

        Assert.Equal(ControlState.OutsideSchedule, control.State);
        Assert.Null(_slots.TryTake("a", 1, most: null));
        await AtAsync(worker, TimeSpan.FromHours(1));
        Assert.NotNull(_slots.TryTake("a", 1, most: null));
        await AtAsync(worker, TimeSpan.FromHours(10));
        Assert.Null(_slots.TryTake("b", 1, most: null));
        Assert.Equal(["a"], _slots.Read().LeaseIds);
    }

    [Fact]
    public void Resume_OutsideOfTheSchedule_StaysClosed()
    {
        var control = Start();
        control.Set(Schedule.TryParse("22:00-08:00")!);
        control.Pause();

        control.Resume();

        Assert.Equal(ControlState.OutsideSchedule, control.State);
        Assert.Null(_slots.TryTake("a", 1, most: null));
    }

    [Fact]
    public async Task Schedule_OfTheLastStart_HoldsFromTheFirstMomentOn()
    {
        Start().Set(Schedule.TryParse("22:00-08:00")!);
        var again = Start();
        using var worker = new ScheduleWorker(again, _clock, NullLogger<ScheduleWorker>.Instance);

        await worker.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("22:00-08:00", again.Schedule.ToString());
        Assert.Null(_slots.TryTake("a", 1, most: null));
        await worker.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Schedule_SomebodyBrokeTheFile_IsNamedAtTheStart()
    {
        _place.Folder.Create().Write(OwnerFolder.ScheduleFile, "nights");

        var error = Assert.Throws<ControlException>(Start);

        Assert.Contains(_place.Folder.Path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drain_WhileARequestRuns_EndsTheNodeWithIt()
    {
        var control = Start();
        var running = _slots.TryTake("a", 1, most: null)!;

        control.Drain();

        Assert.Equal(ControlState.Draining, control.State);
        Assert.Null(_slots.TryTake("b", 1, most: null));
        Assert.True(_slots.Read().Draining);
        Assert.False(_host.Stopped.IsCompleted);
        running.Dispose();
        await _host.Stopped.WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
    }

    private NodeControl Start() => new(_slots, _host, _clock, NullLogger<NodeControl>.Instance, _place.Folder.Create());

    private Task AtAsync(ScheduleWorker worker, TimeSpan later)
    {
        _clock.Advance(later);
        return worker.RunOnceAsync(TestContext.Current.CancellationToken);
    }

    private sealed class StoppingHost : IHostApplicationLifetime
    {
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Stopped => _stopped.Task;

        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication() => _stopped.TrySetResult();
    }
}
