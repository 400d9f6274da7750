namespace ComputeShare.HosterNode.Membership;

internal static partial class MembershipLog
{
    [LoggerMessage(EventId = 3101, EventName = "GatewayJoined", Level = LogLevel.Information, Message = "Joined gateway {Gateway} at {Address}.")]
    public static partial void Joined(ILogger logger, Uri address, string gateway);

    [LoggerMessage(EventId = 3102, EventName = "GatewayNotJoined", Level = LogLevel.Warning,
        Message = "The gateway at {Address} does not let this node in ({Reason}); asking again.")]
    public static partial void NotJoined(ILogger logger, Uri address, string reason);
}
