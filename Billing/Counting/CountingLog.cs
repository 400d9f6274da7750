namespace ComputeShare.Billing.Counting;

internal static partial class CountingLog
{
    [LoggerMessage(EventId = 4451, EventName = "CountsFound", Level = LogLevel.Warning,
        Message = "Node {NodeId} reports {Ratio:0.0000} times the tokens of {Model} that were counted, found {Times} times in a row. It is paid for those counted.")]
    public static partial void Found(ILogger logger, string nodeId, string model, double ratio, int times);

    [LoggerMessage(EventId = 4452, EventName = "NodeBarred", Level = LogLevel.Error,
        Message = "Node {NodeId} reports {Ratio:0.0000} times the tokens of {Model} that were counted, found {Times} times in a row: it gets no more work until `admin node forgive`.")]
    public static partial void Barred(ILogger logger, string nodeId, string model, double ratio, int times);
}
