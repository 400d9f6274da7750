using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ComputeShare.Billing.Grouping;
using ComputeShare.Billing.Sessions;
using ComputeShare.Billing.Telemetry;
using ComputeShare.Contracts.Billing;
using ComputeShare.TestSupport.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ComputeShare.Billing.Tests.Grouping;

public sealed class GroupLaneTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lane_FirstCommand_GoesAtOnceAndTheNextGroupGathersMeanwhile()
    {
        var work = new HeldUpWork();
        await using var lane = await RunningLane.StartAsync(work);
        var first = lane.Ask(1);
        await work.Started.WaitAsync(Token);

        Task<BillingAnswer>[] others = [lane.Ask(2), lane.Ask(3), lane.Ask(4)];
        work.Release.SetResult();
        await Task.WhenAll([first, .. others]);

        Assert.Equal([[1], [2, 3, 4]], work.Groups);
    }

    [Fact]
    public async Task Lane_TwoCommandsOfOneRequest_RunInGroupsOneAfterTheOther()
    {
        var work = new HeldUpWork();
        await using var lane = await RunningLane.StartAsync(work);
        var first = lane.Ask(1);
        await work.Started.WaitAsync(Token);

        Task<BillingAnswer>[] others = [lane.Ask(2), lane.Ask(3), lane.Ask(2), lane.Ask(4)];
        work.Release.SetResult();
        await Task.WhenAll([first, .. others]);

        Assert.Equal([[1], [2, 3], [2, 4]], work.Groups);
    }

    [Fact]
    public async Task Lane_TwoWide_RunsGroupsOfUnequalSpreadSideBySideAndNoOthers()
    {
        var work = new HeldUpWork { Width = 2 };
        await using var lane = await RunningLane.StartAsync(work);

        Task<BillingAnswer>[] asked = [lane.Ask(1), lane.Ask(2)];
        await Poll.UntilAsync("both spreads run", () => work.Groups.Count == 2, TimeSpan.FromSeconds(30), Token);
        asked = [.. asked, lane.Ask(3), lane.Ask(4), lane.Ask(5)];
        work.Release.SetResult();
        await Task.WhenAll(asked);

        Assert.Equal([[1], [3, 5]], work.Groups.Where(group => group[0] % 2 == 1));
        Assert.Equal([[2], [4]], work.Groups.Where(group => group[0] % 2 == 0));
    }

    [Fact]
    public async Task Lane_GroupThatFails_IsUnavailableAndTheLaneGoesOn()
    {
        var work = new HeldUpWork { FailsAt = 1 };
        work.Release.SetResult();
        await using var lane = await RunningLane.StartAsync(work);

        var failed = await lane.Ask(1);
        var next = await lane.Ask(2);

        Assert.Equal(BillingAnswer.AnswerOneofCase.Unavailable, failed.AnswerCase);
        Assert.Equal(BillingAnswer.AnswerOneofCase.Done, next.AnswerCase);
    }

    [Fact]
    public async Task Lane_Stopped_AnswersWhatIsLeft()
    {
        var work = new HeldUpWork();
        var lane = await RunningLane.StartAsync(work);
        var first = lane.Ask(1);
        await work.Started.WaitAsync(Token);
        var second = lane.Ask(2);

        await lane.DisposeAsync();

        Assert.Equal(BillingAnswer.AnswerOneofCase.Unavailable, (await first).AnswerCase);
        Assert.Equal(BillingAnswer.AnswerOneofCase.Unavailable, (await second).AnswerCase);
        Assert.Equal(BillingAnswer.AnswerOneofCase.Unavailable, (await lane.Ask(3)).AnswerCase);
    }

    /// <summary>Remembers its groups; holds the first one up until it is released.</summary>
    private sealed class HeldUpWork : IGroupWork<int>
    {
        private readonly TaskCompletionSource _started = new();

        public Task Started => _started.Task;

        public TaskCompletionSource Release { get; } = new();

        public int FailsAt { get; init; }

        public ConcurrentQueue<int[]> Groups { get; } = [];

        public int Width { get; init; } = 1;

        public string Lane => "test";

        public int SpreadOf(int command) => command;

        public Guid RequestOf(int command) => new(command, 0, 0, new byte[8]);

        public bool MayBeDropped(int command) => false;

        public async Task<IReadOnlyList<BillingAnswer>> RunInOneTransactionAsync(
            IReadOnlyList<int> group, CancellationToken cancellationToken)
        {
            Groups.Enqueue([.. group]);
            _started.TrySetResult();
            await Release.Task.WaitAsync(cancellationToken);
            return group.Contains(FailsAt)
                ? throw new InvalidOperationException("The test wants this group to fail.")
                : [.. group.Select(_ => Answers.Done())];
        }
    }

    private sealed class RunningLane(ServiceProvider services, BillingTelemetry telemetry, GroupLane<int> lane) : IAsyncDisposable
    {
        public static async Task<RunningLane> StartAsync(HeldUpWork work)
        {
            var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
            var telemetry = new BillingTelemetry(services.GetRequiredService<IMeterFactory>());
            var lane = new GroupLane<int>(work, telemetry, TimeProvider.System, NullLogger<GroupLane<int>>.Instance);
            await lane.StartAsync(Token);
            return new RunningLane(services, telemetry, lane);
        }

        public Task<BillingAnswer> Ask(int command) => lane.AnswerAsync(command, Token).AsTask();

        public async ValueTask DisposeAsync()
        {
            await lane.StopAsync(Token);
            lane.Dispose();
            telemetry.Dispose();
            await services.DisposeAsync();
        }
    }
}
