namespace ComputeShare.HosterNode.Gpus;

internal static partial class GpuLog
{
    [LoggerMessage(EventId = 3501, EventName = "GpusFound", Level = LogLevel.Information, Message = "GPUs: {Names}.")]
    public static partial void Found(ILogger logger, string names);

    [LoggerMessage(EventId = 3502, EventName = "SlotsOffered", Level = LogLevel.Warning,
        Message = "The node offers {Offered} of its {Total} slots, by its GPUs' heat and memory.")]
    public static partial void Offers(ILogger logger, int offered, int total);

    [LoggerMessage(EventId = 3503, EventName = "NvmlFailed", Level = LogLevel.Warning,
        Message = "NVIDIA's management library is there but does not start (code {Code}): GPUs are not told of.")]
    public static partial void NvmlFailed(ILogger logger, int code);
}
