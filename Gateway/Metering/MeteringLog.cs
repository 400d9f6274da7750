namespace ComputeShare.Gateway.Metering;

internal static partial class MeteringLog
{
    [LoggerMessage(EventId = 1901, EventName = "TokenizerUnusable", Level = LogLevel.Error,
        Message = "The catalogue's tokenizer {Name} cannot be used, so that its models' tokens are bounds and not counts: {Reason}")]
    public static partial void TokenizerUnusable(ILogger logger, string name, string reason);

    [LoggerMessage(EventId = 1902, EventName = "CatalogueUnknown", Level = LogLevel.Warning,
        Message = "The catalogue could not be asked for its tokenizers: {Reason}")]
    public static partial void CatalogueUnknown(ILogger logger, string reason);

    [LoggerMessage(EventId = 1903, EventName = "CountsNotReported", Level = LogLevel.Warning,
        Message = "How the counts of {Nodes} nodes compare could not be reported, and will be with the next ones: {Reason}")]
    public static partial void CountsNotReported(ILogger logger, int nodes, string reason);
}
