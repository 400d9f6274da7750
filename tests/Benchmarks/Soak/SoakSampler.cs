using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.Benchmarks.Soak;

/// <summary>One process at one moment.</summary>
internal sealed record SoakSample(string Process, DateTimeOffset At, Footprint Footprint);

/// <summary>Looks at every process of the cluster, and at its Redis, every few seconds.</summary>
internal sealed class SoakSampler(Cluster cluster)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly List<SoakSample> _samples = [];

    public IReadOnlyList<SoakSample> Samples => _samples;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Take();
            await Task.Delay(Interval, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Take() => _samples.AddRange(Look());

    private IEnumerable<SoakSample> Look()
    {
        var now = TimeProvider.System.GetUtcNow();
        Replica[] replicas = [.. cluster.Gateways, .. cluster.Schedulers, .. cluster.Billings, .. cluster.Nodes];
        return replicas.Select(replica => (replica.Name, replica.Footprint)).Append((Name: "Redis", cluster.Redis.Footprint))
            .Where(process => process.Footprint is not null)
            .Select(process => new SoakSample(process.Name, now, process.Footprint!));
    }
}
