using Microsoft.Extensions.Logging;

namespace ComputeShare.ServiceDefaults.Ports;

internal static partial class PortLog
{
    [LoggerMessage(EventId = 9201, EventName = "FewHandles", Level = LogLevel.Warning,
        Message = "This process may open {Handles} files and sockets (ulimit -n), so that the public port takes {Limit} connections, not the {Wanted} of Connections:Limit.")]
    public static partial void FewHandles(ILogger logger, int handles, int limit, int wanted);

    [LoggerMessage(EventId = 9202, EventName = "ConnectionsRefused", Level = LogLevel.Warning,
        Message = "The public port has refused {Refused} connections, or requests over HTTP/2, since the start, with {Open} connections open now: Connections:Limit or Connections:PerAddress is reached.")]
    public static partial void ConnectionsRefused(ILogger logger, long refused, int open);

    [LoggerMessage(EventId = 9203, EventName = "CertificateLoaded", Level = LogLevel.Information,
        Message = "The public port speaks TLS with a certificate for {Name}, valid until {Until:u}.")]
    public static partial void CertificateLoaded(ILogger logger, string name, DateTimeOffset until);

    [LoggerMessage(EventId = 9204, EventName = "CertificateNotRenewed", Level = LogLevel.Error,
        Message = "The certificate's files cannot be used, and the certificate before them stays: {Reason}")]
    public static partial void CertificateNotRenewed(ILogger logger, string reason);

    [LoggerMessage(EventId = 9205, EventName = "CertificateEnds", Level = LogLevel.Error,
        Message = "The public port's certificate is valid until {Until:u}, and nobody has renewed it.")]
    public static partial void CertificateEnds(ILogger logger, DateTimeOffset until);
}
