using System.Globalization;
using System.Text;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.AppHost;

/// <summary>A whole topology of its own, ended in each of the ways that there are: nothing of it may stay.</summary>
public sealed class NoProcessStaysTests : IDisposable
{
    // Inherited by every process below the AppHost, whatever user or session it moves to.
    private const string Mark = "COMPUTESHARE_TEST_MARK";

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("computeshare-stop-");
    private readonly string _mark = $"{Mark}={Guid.CreateVersion7():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task AppHost_KilledByForce_LeavesNoProcess()
    {
        await using var appHost = await StartAsync();

        await SignalAsync("KILL");

        await Poll.UntilAsync("every process of the topology is gone", () => !Marked().Any(), StopLimit, Token);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task AppHost_Signalled_StopsAllAndEndsWell(string signal)
    {
        await using var appHost = await StartAsync();

        await SignalAsync(signal);

        await Poll.UntilAsync("every process of the topology is gone", () => !Marked().Any(), StopLimit, Token);
        Assert.Equal(0, appHost.ExitCode);
    }

    [Fact]
    public async Task AppHost_SecondInterrupt_EndsAtOnce()
    {
        await using var appHost = await StartAsync();

        await SignalAsync("INT", "INT");

        await Poll.UntilAsync("every process of the topology is gone", () => !Marked().Any(), StopLimit, Token);
    }

    [Fact]
    public async Task AppHost_DataFolderInUse_SaysSoAndEnds()
    {
        await using var first = await StartAsync();
        await using var second = Start();

        await second.WaitForLineAsync(line => line.Contains("already uses", StringComparison.Ordinal), StartLimit, Token);
        await Poll.UntilAsync("the second one ends", () => second.HasExited, StopLimit, Token);

        Assert.Equal(1, second.ExitCode);
        Assert.DoesNotContain("   at ", second.Output, StringComparison.Ordinal);
    }

    private async Task<LocalProcess> StartAsync()
    {
        var appHost = Start();
        await appHost.WaitForLineAsync(line => line.StartsWith("Gateway:", StringComparison.Ordinal), StartLimit, Token);
        return appHost;
    }

    // A shell's background job, which the life line makes of it, would ignore Ctrl-C.
    private LocalProcess Start() => LocalProcess.Start(
        "env",
        ["--default-signal=INT", "dotnet", Repository.PathOf("AppHost", "bin", "Debug", "net10.0", "ComputeShare.AppHost.dll")],
        new Dictionary<string, string?>
        {
            [Mark] = _mark.Split('=')[1],
            ["Data__Folder"] = _data.FullName,
            ["Gateway__Port"] = "0",
        });

    /// <summary>To the AppHost alone, not to the life line that it hangs on.</summary>
    private async Task SignalAsync(params string[] signals)
    {
        var appHost = Marked().Single(process => Arguments(process) is ["dotnet", var program, ..] && program.EndsWith("AppHost.dll", StringComparison.Ordinal));
        foreach (var signal in signals)
        {
            await using var kill = LocalProcess.Start("kill", [$"-{signal}", appHost.ToString(CultureInfo.InvariantCulture)]);
            await Poll.UntilAsync("the signal is sent", () => kill.HasExited, StopLimit, Token);
        }
    }

    private IEnumerable<int> Marked() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var process) ? process : 0)
        .Where(process => process > 0 && Strings(process, "environ").Contains(_mark));

    private static string[] Arguments(int process) => Strings(process, "cmdline");

    private static string[] Strings(int process, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{process}/{file}")).Split('\0');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or is not ours.
            return [];
        }
    }
}
