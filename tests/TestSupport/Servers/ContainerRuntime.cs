using ComputeShare.TestSupport.Processes;

namespace ComputeShare.TestSupport.Servers;

/// <summary>Whether containers can be started here. The client alone, without an engine behind it, is on many machines.</summary>
public static class ContainerRuntime
{
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(10);
    private static readonly Lazy<Task<bool>> Probed = new(ProbeAsync);

    public static Task<bool> AnswersAsync() => Probed.Value;

    private static async Task<bool> ProbeAsync()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "docker"))))
        {
            return false;
        }

        await using var probe = LocalProcess.Start("docker", ["container", "ls", "-n", "1"]);
        try
        {
            await Poll.UntilAsync("docker answers", () => probe.HasExited, ProbeLimit, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            return false;
        }

        return probe.ExitCode == 0;
    }
}
