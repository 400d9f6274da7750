using System.Globalization;
using System.Text;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.EndToEnd.Tests.AppHost;

/// <summary>
/// A whole topology of its own, ended in each of the ways that there are: nothing of it may stay, and each start finds the data as the
/// end before has left it.
/// </summary>
public sealed class NoProcessStaysTests(NoProcessStaysTests.DataFolder data) : IClassFixture<NoProcessStaysTests.DataFolder>
{
    // Inherited by every process below the AppHost, whatever user or session it moves to.
    private const string Mark = "COMPUTESHARE_TEST_MARK";

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly string _mark = $"{Mark}={Guid.CreateVersion7():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The start before a real engine serves two purposes, because it takes so long.</summary>
    [Fact]
    public async Task AppHost_BeforeAnEngineOfOnesOwn_ServesItAndKilledByForceLeavesNoProcess()
    {
        Assert.SkipUnless(LlamaServer.IsSupported, "tests/LlamaServer installs llama.cpp for Linux on x64 only.");
        await using var engine = await LlamaServer.StartAsync(Token, pause: TimeSpan.FromMilliseconds(20), endless: true);
        await using var appHost = await StartAsync(("COMPUTESHARE_ENGINE_URL", engine.Url.AbsoluteUri));
        using (var consumer = new EngineConsumer(appHost, engine))
        {
            await consumer.IsServedAsync(Token);
            await consumer.LeavesAndTheEngineStopsAsync(Token);
            await consumer.IsToldWhenTheEngineDiesAsync(Token);
        }

        await SignalAsync("KILL");

        await Poll.UntilAsync("every process of the topology is gone", () => !Marked().Any(), StopLimit, Token);
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task AppHost_Interrupted_StopsAllAndEndsWell()
    {
        await using var appHost = await StartAsync();

        await SignalAsync("INT");

        await Poll.UntilAsync("every process of the topology is gone", () => !Marked().Any(), StopLimit, Token);
        await Poll.UntilAsync("its end is noticed", () => appHost.HasExited, StopLimit, Token);
        Assert.Equal(0, appHost.ExitCode);
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task AppHost_SecondInterrupt_EndsAtOnce()
    {
        await using var appHost = await StartAsync();

        await SignalAsync("INT", "INT");

        await Poll.UntilAsync("every process of the topology is gone", () => !Marked().Any(), StopLimit, Token);
    }

    [Fact]
    public async Task AppHost_DataFolderInUse_SaysSoAndEndsAndTheFirstOneIsTerminatedWell()
    {
        await using var first = await StartAsync();
        await using var second = Start();

        await second.WaitForLineAsync(line => line.Contains("already uses", StringComparison.Ordinal), StartLimit, Token);
        await Poll.UntilAsync("the second one ends", () => second.HasExited, StopLimit, Token);

        Assert.Equal(1, second.ExitCode);
        Assert.DoesNotContain("   at ", second.Output, StringComparison.Ordinal);

        await SignalAsync("TERM");

        await Poll.UntilAsync("every process of the topology is gone", () => !Marked().Any(), StopLimit, Token);
        await Poll.UntilAsync("its end is noticed", () => first.HasExited, StopLimit, Token);
        Assert.Equal(0, first.ExitCode);
    }

    private async Task<LocalProcess> StartAsync(params (string Name, string Value)[] settings)
    {
        var appHost = Start(settings);
        await appHost.WaitForLineAsync(line => line.StartsWith("Gateway:", StringComparison.Ordinal), StartLimit, Token);
        return appHost;
    }

    // A shell's background job, which the life line makes of it, would ignore Ctrl-C.
    private LocalProcess Start(params (string Name, string Value)[] settings) => LocalProcess.Start(
        "env",
        ["--default-signal=INT", .. settings.Select(setting => $"{setting.Name}={setting.Value}"), "dotnet", Repository.PathOf("AppHost", "bin", "Debug", "net10.0", "ComputeShare.AppHost.dll")],
        new Dictionary<string, string?>
        {
            [Mark] = _mark.Split('=')[1],
            ["Data__Folder"] = data.Path,
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

    public sealed class DataFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("computeshare-stop-");

        public string Path => _folder.FullName;

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
