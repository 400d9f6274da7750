using System.Threading.Channels;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Sessions;
using ComputeShare.Billing.Telemetry;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Grouping;

/// <summary>
/// Runs commands in groups, one transaction each: the first command goes at once, and while its group runs the next one gathers. No
/// timer: a lonely command waits for nothing, and a busy lane makes large groups by itself (DESIGN.md §6). A wide lane runs several groups
/// side by side, so that one works while another waits for the disk.
/// </summary>
internal sealed class GroupLane<TCommand>(
    IGroupWork<TCommand> work, BillingTelemetry telemetry, TimeProvider clock, ILogger<GroupLane<TCommand>> logger)
    : BackgroundService
{
    // Keeps a transaction's locks, and the wait of the group behind it, to some tens of milliseconds.
    private const int MaxGroup = 256;

    // About 5 s of work; a caller waits no longer, so what comes on top is told so at once.
    private const int MaxWaiting = 20_000;

    private readonly Channel<Waiting>[] _tracks = [.. Enumerable.Range(0, work.Width).Select(_ => Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(MaxWaiting / work.Width) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait }))];

    /// <summary>Answers when the command's group is committed. Never throws but for <paramref name="cancellationToken"/>.</summary>
    public async ValueTask<BillingAnswer> AnswerAsync(TCommand command, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(command, cancellationToken);
        var track = _tracks[(uint)work.SpreadOf(command) % (uint)_tracks.Length];
        return track.Writer.TryWrite(waiting)
            ? await waiting.Answer.Task.WaitAsync(cancellationToken)
            : Answers.Unavailable("Billing has too much to do.");
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_tracks.Select(track => RunAsync(track, stoppingToken)));

    private async Task RunAsync(Channel<Waiting> track, CancellationToken stoppingToken)
    {
        try
        {
            while (await track.Reader.WaitToReadAsync(stoppingToken))
            {
                await RunAsync(TakeGroup(track.Reader), stoppingToken);
            }
        }
        finally
        {
            track.Writer.TryComplete();
            while (track.Reader.TryRead(out var left))
            {
                left.Answer.TrySetResult(Answers.Unavailable("Billing stops."));
            }
        }
    }

    private List<Waiting> TakeGroup(ChannelReader<Waiting> waiting)
    {
        var group = new List<Waiting>();
        var requests = new HashSet<Guid>();
        while (group.Count < MaxGroup
            && waiting.TryPeek(out var next)
            && requests.Add(work.RequestOf(next.Command))
            && waiting.TryRead(out _))
        {
            if (!next.Abandoned.IsCancellationRequested || !work.MayBeDropped(next.Command))
            {
                group.Add(next);
            }
        }

        return group;
    }

    private async Task RunAsync(List<Waiting> group, CancellationToken stopping)
    {
        if (group.Count == 0)
        {
            return;
        }

        try
        {
            await RunTogetherAsync(group, stopping);
        }
        catch (Exception error) when (group.Count > 1 && DatabaseFaults.IsOfARow(error, out _))
        {
            // One row spoiled the transaction of all; alone, each gets what it deserves.
            GroupLog.RunOneByOne(logger, work.Lane, group.Count, error);
            foreach (var waiting in group)
            {
                await RunAsync([waiting], stopping);
            }
        }
        catch (Exception error) when (DatabaseFaults.IsOfARow(error, out var sqlState))
        {
            GroupLog.Refused(logger, work.Lane, sqlState, error);
            group[0].Answer.TrySetResult(Answers.Rejected($"The database refuses it (SQLSTATE {sqlState})."));
        }
        catch (Exception error)
        {
            GroupLog.Failed(logger, work.Lane, group.Count, error);
            group.ForEach(waiting => waiting.Answer.TrySetResult(Answers.Unavailable("Billing's database does not answer.")));
        }
    }

    private async Task RunTogetherAsync(List<Waiting> group, CancellationToken stopping)
    {
        var started = clock.GetTimestamp();
        var answers = await work.RunInOneTransactionAsync(group.ConvertAll(waiting => waiting.Command), stopping);
        telemetry.Batch(work.Lane, group.Count, clock.GetElapsedTime(started));
        foreach (var (waiting, answer) in group.Zip(answers))
        {
            waiting.Answer.TrySetResult(answer);
        }
    }

    private sealed record Waiting(TCommand Command, CancellationToken Abandoned)
    {
        public TaskCompletionSource<BillingAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
