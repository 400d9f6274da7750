namespace ComputeShare.HosterNode.Gpus;

/// <summary>How many slots are worth offering on GPUs that get hot or full. Remembers that it was hot: a slot given back at the limit would heat it again.</summary>
internal sealed class GpuStrain(GpuOptions options)
{
    private const int MarginCelsius = 5;

    private bool _isHot;

    /// <summary>All of them, half of them (at least one), or one on a GPU that slows itself down.</summary>
    public int SlotsOf(int total, IReadOnlyList<GpuReading> gpus)
    {
        if (gpus.Any(gpu => gpu.TemperatureCelsius >= (gpu.SlowdownCelsius ?? uint.MaxValue)))
        {
            _isHot = true;
            return 1;
        }

        _isHot = gpus.Any(gpu => gpu.TemperatureCelsius >= HotFrom(gpu) - (_isHot ? MarginCelsius : 0));
        var isFull = gpus.Any(gpu => gpu.MemoryBytes > 0 && gpu.MemoryUsedBytes * 100.0 / gpu.MemoryBytes >= options.FullPercent);
        return _isHot || isFull ? Math.Max(1, total / 2) : total;
    }

    private long HotFrom(GpuReading gpu) => Math.Min(options.HotCelsius, gpu.SlowdownCelsius - MarginCelsius ?? long.MaxValue);
}
