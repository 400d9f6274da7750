using System.Diagnostics.Metrics;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Gpus;
using ComputeShare.HosterNode.Slots;
using ComputeShare.HosterNode.Watching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Tests.Gpus;

[Trait("Category", "Integration")]
public sealed class GpuMonitorTests
{
    private static readonly GpuReading Hot = new("NVIDIA H100", 100, 40, "570.1", "9.0", 42, 88, 92, 310.5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunOnce_HotGpu_IsInTheStateTheMetricsAndTheOffer()
    {
        await using var node = await RunningNode.StartAsync();
        var services = node.Services;
        var slots = services.GetRequiredService<SlotTable>();
        using var monitor = new GpuMonitor(
            [new OneGpu()], slots, Options.Create(new GpuOptions()), TimeProvider.System, NullLogger<GpuMonitor>.Instance);
        var measured = new Dictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name.StartsWith("hw.", StringComparison.Ordinal))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            Assert.Contains(new KeyValuePair<string, object?>("hw.id", "gpu-0"), tags.ToArray());
            measured[instrument.Name] = value;
        });
        GpuMetrics.Observe(monitor, services.GetRequiredService<IMeterFactory>());
        listener.Start();

        await monitor.RunOnceAsync(Token);
        listener.RecordObservableInstruments();

        var state = await ActivatorUtilities.CreateInstance<NodeStates>(services, monitor).NextAsync(Token);
        Assert.Equal(2u, state.Slots);
        Assert.Equal(
            new Gpu
            {
                Name = "NVIDIA H100",
                MemoryBytes = 100,
                MemoryUsedBytes = 40,
                Driver = "570.1",
                ComputeCapability = "9.0",
                Utilization = 42,
                TemperatureCelsius = 88,
                PowerWatts = 310.5f,
            },
            Assert.Single(state.Gpus));
        Assert.Equal(
            new()
            {
                ["hw.gpu.utilization"] = 0.42,
                ["hw.gpu.memory.usage"] = 40,
                ["hw.gpu.memory.limit"] = 100,
                ["hw.temperature"] = 88,
                ["hw.power"] = 310.5,
            },
            measured);
    }

    private sealed class OneGpu : IGpuSource
    {
        public IReadOnlyList<GpuReading> Read() => [Hot];
    }
}
