using System.Diagnostics.Metrics;
using ComputeShare.HosterNode.Telemetry;

namespace ComputeShare.HosterNode.Gpus;

/// <summary>The GPUs as OpenTelemetry's hardware metrics (<c>hw.*</c>), as last read.</summary>
internal static class GpuMetrics
{
    public static void Observe(GpuMonitor monitor, IMeterFactory meters)
    {
        var meter = meters.Create(HosterNodeTelemetry.Name);
        meter.CreateObservableGauge("hw.gpu.utilization", () => Each(monitor.Current, gpu => gpu.Utilization / 100.0), "1", "Share of time in which the GPU computed.");
        meter.CreateObservableUpDownCounter("hw.gpu.memory.usage", () => Each(monitor.Current, gpu => (double)gpu.MemoryUsedBytes), "By", "GPU memory in use.");
        meter.CreateObservableUpDownCounter("hw.gpu.memory.limit", () => Each(monitor.Current, gpu => (double)gpu.MemoryBytes), "By", "Size of the GPU memory.");
        meter.CreateObservableGauge("hw.temperature", () => Each(monitor.Current, gpu => gpu.TemperatureCelsius), "Cel", "Temperature of the GPU.");
        meter.CreateObservableGauge("hw.power", () => Each(monitor.Current, gpu => gpu.PowerWatts), "W", "Power that the GPU draws.");
    }

    private static IEnumerable<Measurement<double>> Each(IReadOnlyList<GpuReading> gpus, Func<GpuReading, double?> value)
    {
        foreach (var (index, gpu) in gpus.Index())
        {
            if (value(gpu) is { } measured)
            {
                yield return new Measurement<double>(measured, new("hw.id", $"gpu-{index}"), new("hw.name", gpu.Name), new("hw.type", "gpu"));
            }
        }
    }
}
