using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Redis;
using ComputeShare.ServiceDefaults.Workers;

namespace ComputeShare.Scheduler.Sharing;

/// <summary>Tells the other Schedulers what this one saw, and hears what they did. While Redis is away each goes by what it sees itself.</summary>
internal sealed class ObservationSharer(
    Observations observations, ObservationLog log, NodeRegistry registry, TimeProvider clock, ILogger<ObservationSharer> logger)
    : PeriodicWorker(TimeSpan.FromMilliseconds(250), clock, logger)
{
    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        // What was seen of nodes is kept of known nodes only.
        if (!registry.Loaded.IsCompleted)
        {
            return;
        }

        try
        {
            await ShareAsync();
        }
        catch (RedisUnavailableException)
        {
            // Said by the connection's own log; what was to be told is lost.
        }
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
