using ComputeShare.HosterNode.Slots;
using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Gpus;

/// <summary>Reads the GPUs from time to time, and has the node offer fewer slots while one is hot or full.</summary>
internal sealed class GpuMonitor(
    IEnumerable<IGpuSource> sources, SlotTable slots, IOptions<GpuOptions> options, TimeProvider clock, ILogger<GpuMonitor> logger)
    : PeriodicWorker(options.Value.ReadEvery, clock, logger)
{
    private readonly GpuStrain _strain = new(options.Value);
    private volatile IReadOnlyList<GpuReading> _current = [];

    /// <summary>As last read.</summary>
    public IReadOnlyList<GpuReading> Current => _current;

    protected override bool StartsAtOnce => true;

    public override Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var gpus = sources.SelectMany(source => source.Read()).ToArray();
        if (!gpus.Select(gpu => gpu.Name).SequenceEqual(_current.Select(gpu => gpu.Name)))
        {
            GpuLog.Found(Logger, gpus.Length == 0 ? "none" : string.Join(", ", gpus.Select(gpu => gpu.Name)));
        }

        _current = gpus;
        var offered = _strain.SlotsOf(slots.Total, gpus);
        if (slots.Offer(SlotLimit.Gpus, offered))
        {
            GpuLog.Offers(Logger, offered, slots.Total);
        }

        return Task.CompletedTask;
    }
}
