namespace ComputeShare.Gateway.Scheduling;

internal static partial class SchedulingLog
{
    [LoggerMessage(EventId = 1101, EventName = "ReleaseLost", Level = LogLevel.Warning,
        Message = "Lease {LeaseId} on node {NodeId} could not be given back; it expires by itself.")]
    public static partial void ReleaseLost(ILogger logger, string leaseId, string nodeId);

    [LoggerMessage(EventId = 1102, EventName = "LeaseGone", Level = LogLevel.Warning,
        Message = "Lease {LeaseId} is gone while its stream goes on.")]
    public static partial void LeaseGone(ILogger logger, string leaseId);

    [LoggerMessage(EventId = 1103, EventName = "RenewFailed", Level = LogLevel.Warning,
        Message = "{Count} leases were not renewed: {Reason}")]
    public static partial void RenewFailed(ILogger logger, int count, string reason);
}
