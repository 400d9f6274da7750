using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ComputeShare.AppHost;

/// <summary>
/// Picks ports for processes that are about to start. They lie below the range from which the kernel gives ports to clients, so that no
/// outgoing connection takes one in between; a port is given out once.
/// </summary>
internal static class LocalPorts
{
    private const int First = 15_000;
    private const int Last = 32_000;

    private static readonly HashSet<int> Given = [];
    private static readonly Lock Gate = new();

    public static int TakeFree()
    {
        lock (Gate)
        {
            int port;
            do
            {
                port = RandomNumberGenerator.GetInt32(First, Last);
            }
            while (Given.Contains(port) || !IsFree(port));

            Given.Add(port);
            return port;
        }
    }

    /// <summary>The port itself when it can be had, else a free one. 0 asks for a free one.</summary>
    public static int TakeOrFree(int wanted)
    {
        lock (Gate)
        {
            return wanted > 0 && IsFree(wanted) && Given.Add(wanted) ? wanted : TakeFree();
        }
    }

    private static bool IsFree(int port)
    {
        // Listeners on any address count: localhost may mean either family.
        if (IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(listener => listener.Port == port))
        {
            return false;
        }

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
