using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Redis;

namespace ComputeShare.Scheduler.Sharing;

/// <summary>Tells the other Schedulers what this one saw, and hears what they did. While Redis is away each goes by what it sees itself.</summary>
internal sealed class ObservationSharer(Observations observations, ObservationLog log, NodeRegistry registry, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What was seen of nodes is kept of known nodes only.
        await registry.Loaded.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await ShareAsync();
            }
            catch (RedisUnavailableException)
            {
                // Said by the connection's own log; what was to be told is lost.
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ShareAsync()
    {
        if (observations.Take() is { } batch)
        {
            await log.AppendAsync(batch);
        }

        IReadOnlyList<(ObservationBatch Batch, TimeSpan Age)> heard;
        do
        {
            heard = await log.ReadAsync();
            foreach (var (told, age) in heard)
            {
                observations.Hear(told, age);
            }
        }
        while (heard.Count > 0);
    }
}
