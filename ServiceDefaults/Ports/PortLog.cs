using Microsoft.Extensions.Logging;

namespace ComputeShare.ServiceDefaults.Ports;

internal static partial class PortLog
{
    [LoggerMessage(EventId = 9201, EventName = "FewHandles", Level = LogLevel.Warning,
        Message = "This process may open {Handles} files and sockets (ulimit -n), so that the public port takes {Limit} connections, not the {Wanted} of Connections:Limit.")]
    public static partial void FewHandles(ILogger logger, int handles, int limit, int wanted);

    [LoggerMessage(EventId = 9202, EventName = "ConnectionsRefused", Level = LogLevel.Warning,
        Message = "The public port has refused {Refused} connections since the start, with {Open} open now: Connections:Limit or Connections:PerAddress is reached.")]
    public static partial void ConnectionsRefused(ILogger logger, long refused, int open);
}
