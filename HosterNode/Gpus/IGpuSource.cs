namespace ComputeShare.HosterNode.Gpus;

/// <summary>The GPUs of one maker. Any thread may read, one at a time.</summary>
internal interface IGpuSource
{
    /// <summary>Empty where there are none.</summary>
    IReadOnlyList<GpuReading> Read();
}
