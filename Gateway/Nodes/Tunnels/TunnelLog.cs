namespace ComputeShare.Gateway.Nodes.Tunnels;

internal static partial class TunnelLog
{
    [LoggerMessage(EventId = 1211, EventName = "TunnelOpened", Level = LogLevel.Information, Message = "Node {NodeId} has opened a tunnel.")]
    public static partial void Opened(ILogger logger, string nodeId);

    [LoggerMessage(EventId = 1212, EventName = "TunnelEnded", Level = LogLevel.Information, Message = "A tunnel of node {NodeId} has ended.")]
    public static partial void Ended(ILogger logger, string nodeId);

    [LoggerMessage(EventId = 1213, EventName = "RouteNotKept", Level = LogLevel.Debug,
        Message = "The route to node {NodeId} could not be kept in Redis: {Reason}")]
    public static partial void RouteNotKept(ILogger logger, string nodeId, string reason);

    [LoggerMessage(EventId = 1214, EventName = "RouteRefused", Level = LogLevel.Warning,
        Message = "A route to node {NodeId} in Redis is not signed by a gateway with this Services:Secret, and is passed over like all such, without "
            + "another word: somebody else writes there, or a gateway has another secret or an earlier version.")]
    public static partial void RouteRefused(ILogger logger, string nodeId);
}
