namespace ComputeShare.HosterNode.Tunnels;

internal static partial class TunnelLog
{
    [LoggerMessage(EventId = 3111, EventName = "TunnelOpened", Level = LogLevel.Information, Message = "A tunnel to gateway {Gateway} at {Address} is open.")]
    public static partial void Opened(ILogger logger, Uri address, string gateway);

    [LoggerMessage(EventId = 3112, EventName = "TunnelNotOpened", Level = LogLevel.Warning,
        Message = "No tunnel to the gateway at {Address} ({Reason}); trying again.")]
    public static partial void NotOpened(ILogger logger, Uri address, string reason);

    [LoggerMessage(EventId = 3113, EventName = "GatewayLeaves", Level = LogLevel.Information,
        Message = "Gateway {Gateway} is about to go; this node is reached elsewhere: {Elsewhere}.")]
    public static partial void GatewayLeaves(ILogger logger, string gateway, bool elsewhere);
}
