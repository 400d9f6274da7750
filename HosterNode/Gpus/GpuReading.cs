namespace ComputeShare.HosterNode.Gpus;

/// <summary>What is known of one GPU now; null where its driver does not tell.</summary>
/// <param name="MemoryUsedBytes">All that is not free: of NVIDIA's also what the driver keeps for itself, which nvidia-smi shows apart (0.6 GB of an H200).</param>
/// <param name="Driver">Version of its driver.</param>
/// <param name="ComputeCapability">NVIDIA's, such as <c>9.0</c>; empty for others.</param>
/// <param name="Utilization">Percent of the driver's last sample period in which it computed anything.</param>
/// <param name="SlowdownCelsius">From here on the GPU slows itself down.</param>
internal sealed record GpuReading(
    string Name,
    ulong MemoryBytes,
    ulong MemoryUsedBytes,
    string Driver,
    string ComputeCapability,
    uint? Utilization,
    uint? TemperatureCelsius,
    uint? SlowdownCelsius,
    double? PowerWatts);
