namespace ComputeShare.Billing.Nodes;

internal static partial class NodeLog
{
    [LoggerMessage(EventId = 4401, EventName = "NodeRegistered", Level = LogLevel.Information,
        Message = "Node {NodeId} of hoster {Hoster} is registered with {Models} models.")]
    public static partial void Registered(ILogger logger, string nodeId, string hoster, int models);
}
