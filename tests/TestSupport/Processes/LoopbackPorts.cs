using System.Net.NetworkInformation;
using System.Security.Cryptography;

namespace ComputeShare.TestSupport.Processes;

public static class LoopbackPorts
{
    private const int FirstKept = 15_000;

    // Linux gives outgoing connections ports from here on.
    private const int FirstEphemeral = 32_768;

    // Also those whose servers have yet to start: some are begun a minute after they were told their port.
    private static readonly HashSet<int> Given = [];

    /// <summary>A port that was free a moment ago. Prefer port 0 where the server can tell which one it got.</summary>
    public static int TakeFree() => TakeKept(1)[0];

    /// <summary>
    /// Free ports, also for servers that are killed and started again on them: no outgoing connection can take one in between, and no other caller in
    /// this process is given one.
    /// </summary>
    public static int[] TakeKept(int count)
    {
        var used = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port).ToHashSet();
        var kept = new List<int>();
        while (kept.Count < count)
        {
            var port = RandomNumberGenerator.GetInt32(FirstKept, FirstEphemeral);
            if (used.Add(port) && IsGivenNow(port))
            {
                kept.Add(port);
            }
        }

        return [.. kept];
    }

    private static bool IsGivenNow(int port)
    {
        lock (Given)
        {
            return Given.Add(port);
        }
    }
}
