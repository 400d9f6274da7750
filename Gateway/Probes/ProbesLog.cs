namespace ComputeShare.Gateway.Probes;

internal static partial class ProbesLog
{
    [LoggerMessage(EventId = 1951, EventName = "ProbeAgainstNode", Level = LogLevel.Information,
        Message = "A probe of {Model} is against node {NodeId}: {Reasons}.")]
    public static partial void Against(ILogger logger, string model, string nodeId, string reasons);

    [LoggerMessage(EventId = 1952, EventName = "ProbesRefused", Level = LogLevel.Warning,
        Message = "Nodes cannot be probed with the key of Probes:ApiKey: {Reason}.")]
    public static partial void Refused(ILogger logger, string reason);

    [LoggerMessage(EventId = 1953, EventName = "ProbeLost", Level = LogLevel.Warning,
        Message = "What a probe of node {NodeId} showed is lost: {Reason}")]
    public static partial void Lost(ILogger logger, string nodeId, string reason);
}
