using System.Collections.Concurrent;
using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Probes;

/// <summary>
/// Begins conversations with this gateway's nodes by chance alone: how long ago the last one was says nothing of when the next one comes.
/// </summary>
internal sealed class ProbeWorker(ProbeOffers offers, ProbeSession session, IOptions<ProbeOptions> options, TimeProvider clock, ILogger<ProbeWorker> logger)
    : PeriodicWorker(Period, clock, logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    // After a round that took longer there is nothing to catch up.
    private static readonly TimeSpan MostElapsed = TimeSpan.FromMinutes(10);

    // A node that goes and comes back is not forgotten, unless there are very many.
    private const int MostKept = 10_000;

    private readonly ConcurrentDictionary<(string NodeId, string ModelId), ProbeMemory> _memories = new();
    private long _last = clock.GetTimestamp();

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (options.Value.ApiKey.Length == 0)
        {
            return;
        }

        var elapsed = Clock.GetElapsedTime(_last);
        _last = Clock.GetTimestamp();
        var days = Math.Min(elapsed.TotalDays, MostElapsed.TotalDays);
        var probability = 1 - Math.Exp(-days * options.Value.PerDay);
        var current = offers.Current;
        if (_memories.Count > MostKept)
        {
            ForgetAllBut(current);
        }

        await Parallel.ForEachAsync(
            current.Where(_ => Chance.Of(probability)).ToArray(),
            new ParallelOptions { MaxDegreeOfParallelism = options.Value.SideBySide, CancellationToken = cancellationToken },
            async (offer, token) => await session.RunAsync(offer, _memories.GetOrAdd((offer.NodeId, offer.ModelId), _ => new ProbeMemory()), token));
    }

    private void ForgetAllBut(IReadOnlyList<ProbeOffer> current)
    {
        var here = current.Select(offer => (offer.NodeId, offer.ModelId)).ToHashSet();
        foreach (var gone in _memories.Keys.Where(known => !here.Contains(known)))
        {
            _memories.TryRemove(gone, out _);
        }
    }
}
