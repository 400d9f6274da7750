namespace ComputeShare.ServiceDefaults.Ports;

/// <summary>Who goes on when a socket has something to read.</summary>
public static class SocketThreads
{
    // The runtime reads it at the first socket; it has no other way to be told.
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// The thread that learned of it, without a way to another one (docs/benchmarks/gateway.md): for services that say so before their first
    /// socket. It reads for other sockets, too: nothing that continues there may wait for one. Not for users of Npgsql, which waits, when a
    /// command is cancelled, until a second connection has told the server. Requests of the web server are none of these: they go on in the
    /// thread pool. An operator who has set the variable is obeyed.
    /// </summary>
    public static void GoOnInline()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
        {
            Environment.SetEnvironmentVariable(Variable, "1");
        }
    }
}
