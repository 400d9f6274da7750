using System.Diagnostics;

namespace ComputeShare.AppHost.Servers;

/// <summary>Where Redis and PostgreSQL come from.</summary>
internal enum ServerMode
{
    /// <summary>Containers.</summary>
    Container,

    /// <summary>The machine's own redis-server and postgres, as children with data folders of their own.</summary>
    Executable,

    /// <summary>They are there already: ConnectionStrings:redis and ConnectionStrings:billing-database say where.</summary>
    External,
}

internal static class ServerModeDecision
{
    /// <summary>container, executable or external. Default: containers where a runtime answers, else executables.</summary>
    private const string ModeKey = "Servers:Mode";

    // Aspire's key for the runtime that its containers use.
    private const string RuntimeKey = "ASPIRE_CONTAINER_RUNTIME";

    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(10);

    public static async Task<ServerMode> DecideServerModeAsync(this IDistributedApplicationBuilder builder)
    {
        var configured = builder.Configuration[ModeKey];
        if (!string.IsNullOrEmpty(configured))
        {
            return Enum.TryParse<ServerMode>(configured, ignoreCase: true, out var mode) && !int.TryParse(configured, out _)
                ? mode
                : throw new StartupException($"{ModeKey} must be container, executable or external.");
        }

        if (builder.ExecutionContext.IsRunMode)
        {
            string[] runtimes = builder.Configuration[RuntimeKey] is { Length: > 0 } runtime ? [runtime] : ["docker", "podman"];
            foreach (var candidate in runtimes)
            {
                if (await AnswersAsync(candidate))
                {
                    builder.Configuration[RuntimeKey] = candidate;
                    return ServerMode.Container;
                }
            }
        }

        return ServerMode.Executable;
    }

    /// <summary>A server that is there already.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddExternal(this IDistributedApplicationBuilder builder, string name) =>
        string.IsNullOrEmpty(builder.Configuration[$"ConnectionStrings:{name}"])
            ? throw new StartupException($"ConnectionStrings:{name} must be set when {ModeKey} is external.")
            : builder.AddConnectionString(name);

    /// <summary>A client on the PATH does not mean that a daemon answers.</summary>
    private static async Task<bool> AnswersAsync(string runtime)
    {
        using var deadline = new CancellationTokenSource(ProbeTime);
        try
        {
            using var probe = Process.Start(new ProcessStartInfo(runtime, ["container", "ls", "-n", "1"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            try
            {
                await probe.WaitForExitAsync(deadline.Token);
                return probe.ExitCode == 0;
            }
            catch (OperationCanceledException)
            {
                probe.Kill();
                return false;
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
