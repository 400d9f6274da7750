namespace ComputeShare.Scheduler.Nodes;

internal static partial class NodesLog
{
    [LoggerMessage(EventId = 2001, EventName = "NodeJoined", Level = LogLevel.Information,
        Message = "Node {NodeId} of {Hoster} is live with {Slots} slots.")]
    public static partial void NodeJoined(ILogger logger, string nodeId, string hoster, uint slots);

    [LoggerMessage(EventId = 2002, EventName = "NodeLeft", Level = LogLevel.Information, Message = "Node {NodeId} left.")]
    public static partial void NodeLeft(ILogger logger, string nodeId);

    [LoggerMessage(EventId = 2003, EventName = "NodeExpired", Level = LogLevel.Warning,
        Message = "Node {NodeId} is gone: nobody reported it in time.")]
    public static partial void NodeExpired(ILogger logger, string nodeId);

    [LoggerMessage(EventId = 2004, EventName = "NodeReportMalformed", Level = LogLevel.Error,
        Message = "A gateway sent a node report without node id or incarnation; it is ignored.")]
    public static partial void ReportMalformed(ILogger logger);

    [LoggerMessage(EventId = 2005, EventName = "NodesLoaded", Level = LogLevel.Information, Message = "Took over {Nodes} node states from Redis.")]
    public static partial void NodesLoaded(ILogger logger, int nodes);

    [LoggerMessage(EventId = 2006, EventName = "NodeLoadFailed", Level = LogLevel.Warning,
        Message = "Node states could not be loaded from Redis ({Error}); trying again.")]
    public static partial void LoadFailed(ILogger logger, string error);

    [LoggerMessage(EventId = 2007, EventName = "NodeCoolsDown", Level = LogLevel.Information,
        Message = "Node {NodeId} failed, {Failures} times in a row; nothing is placed on it for {Milliseconds} ms.")]
    public static partial void NodeCoolsDown(ILogger logger, string nodeId, long failures, long milliseconds);
}
