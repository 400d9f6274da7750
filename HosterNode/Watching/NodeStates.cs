using System.Security.Cryptography;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Gpus;
using ComputeShare.HosterNode.Limits;
using ComputeShare.HosterNode.Slots;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Watching;

/// <summary>Makes the node's complete states: each newer than the one before, for every watcher alike.</summary>
internal sealed class NodeStates(
    IInferenceEngine engine, SlotTable slots, MeasuredSpeeds speeds, GpuMonitor gpus, RequestLimits limits, IOptions<NodeOptions> options)
{
    public static readonly string Version = typeof(NodeStates).Assembly.GetName().Version?.ToString(3) ?? "";

    private readonly Lock _lock = new();
    private ulong _sequence;

    /// <summary>Of this start of the process.</summary>
    public string Incarnation { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public async ValueTask<NodeState> NextAsync(CancellationToken cancellationToken)
    {
        var description = await engine.DescribeAsync(cancellationToken);
        var models = description.Models.Select(ToServed).ToArray();
        // Number and content are taken together: a higher number never carries older content.
        lock (_lock)
        {
            var snapshot = slots.Read();
            return new NodeState
            {
                NodeId = options.Value.Id,
                Incarnation = Incarnation,
                Sequence = ++_sequence,
                Models = { models },
                Slots = (uint)Math.Min(slots.Offered, description.MaxSlots ?? slots.Offered),
                RunningLeaseIds = { snapshot.LeaseIds },
                Draining = snapshot.Draining || snapshot.Paused,
                Engine = description.Engine,
                EngineVersion = description.Version,
                Limits = limits.Told,
                NodeVersion = Version,
                Gpus = { gpus.Current.Select(ToGpu) },
            };
        }
    }

    private ServedModel ToServed(EngineModel model) => new()
    {
        LocalName = model.LocalName,
        Digest = model.Digest,
        Quantization = model.Quantization,
        ContextLength = (uint)model.ContextLength,
        Capabilities = { model.Capabilities },
        Prices = ToPrices(options.Value.PricesOf(model.LocalName)),
        LaterPrices =
        {
            options.Value.LaterPricesOf(model.LocalName).Select(later => new LaterPrices { From = later.From.ToUnixTimeMilliseconds(), Prices = ToPrices(later) }),
        },
        Fingerprint = model.Fingerprint,
        Speed = speeds.Of(model.LocalName),
    };

    private static Prices ToPrices(NodePrices prices) =>
        new() { Input = prices.Input, CachedInput = prices.CachedInput, Output = prices.Output };

    private static Gpu ToGpu(GpuReading gpu) => new()
    {
        Name = gpu.Name,
        MemoryBytes = gpu.MemoryBytes,
        MemoryUsedBytes = gpu.MemoryUsedBytes,
        Driver = gpu.Driver,
        ComputeCapability = gpu.ComputeCapability,
        Utilization = gpu.Utilization ?? 0,
        TemperatureCelsius = gpu.TemperatureCelsius ?? 0,
        PowerWatts = (float)(gpu.PowerWatts ?? 0),
    };
}
