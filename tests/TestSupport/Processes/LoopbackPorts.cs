using System.Net;
using System.Net.Sockets;

namespace ComputeShare.TestSupport.Processes;

public static class LoopbackPorts
{
    /// <summary>A port of 127.0.0.1 that was free a moment ago. Prefer port 0 where the server can tell which one it got.</summary>
    public static int TakeFree()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
