namespace ComputeShare.Gateway.Nodes;

internal static partial class NodeLog
{
    [LoggerMessage(EventId = 1201, EventName = "NodeSeen", Level = LogLevel.Information,
        Message = "Node {NodeId} is there with {Models} models.")]
    public static partial void NodeSeen(ILogger logger, string nodeId, int models);

    [LoggerMessage(EventId = 1202, EventName = "NodeGone", Level = LogLevel.Warning,
        Message = "Node {NodeId} is gone: {Reason}.")]
    public static partial void NodeGone(ILogger logger, string nodeId, string reason);

    [LoggerMessage(EventId = 1203, EventName = "NodeNotRegistered", Level = LogLevel.Warning,
        Message = "Node {NodeId} could not be registered: {Reason}")]
    public static partial void NotRegistered(ILogger logger, string nodeId, string reason);

    [LoggerMessage(EventId = 1204, EventName = "NodeNotReported", Level = LogLevel.Debug,
        Message = "{Command} of node {NodeId} reached no scheduler: {Reason}")]
    public static partial void NotReported(ILogger logger, string nodeId, string command, string reason);
}
