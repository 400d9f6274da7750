namespace ComputeShare.ServiceDefaults.Ports;

/// <summary>What a port is for. Without TLS, Kestrel cannot serve HTTP/1.1 and h2c on one port, so each role has its own.</summary>
public enum PortRole
{
    /// <summary>Consumers and hosters, from the internet.</summary>
    Public,

    /// <summary>gRPC between services.</summary>
    Internal,

    /// <summary>/alive and /health.</summary>
    Health,

    /// <summary>A node's owner, on the same machine: a socket file, no port.</summary>
    Control,
}
