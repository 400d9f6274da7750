using System.Diagnostics;
using ComputeShare.HosterNode.CommandLine;
using ComputeShare.HosterNode.Tests.Control;

namespace ComputeShare.HosterNode.Tests.Systemd;

public sealed class UnitTests
{
    private static readonly string[] ExecStart = UnitCommand.Text.Split('\n').Single(line => line.StartsWith("ExecStart=", StringComparison.Ordinal))["ExecStart=".Length..].Split(' ');

    [Fact]
    public void Unit_Starts_WhatTheProgramUnderstands()
    {
        Assert.Equal("/usr/local/bin/computeshare-node", ExecStart[0]);
        Assert.Empty(NodeCommandLine.Create().Parse(ExecStart[1..]).Errors);
    }

    [Theory]
    [InlineData("DynamicUser=yes")]
    [InlineData("NoNewPrivileges=yes")]
    [InlineData("ProtectSystem=strict")]
    [InlineData("ProtectHome=yes")]
    [InlineData("CapabilityBoundingSet=")]
    [InlineData("StateDirectory=computeshare-node")]
    [InlineData("Restart=on-failure")]
    public void Unit_Keeps_TheMachineFromTheNode(string setting) => Assert.Contains(setting, UnitCommand.Text.Split('\n'));

    [Theory]
    [InlineData("LimitCORE=0")]
    [InlineData("Environment=DOTNET_EnableDiagnostics=0")]
    public void Unit_Keeps_PromptsOutOfDumps(string setting) => Assert.Contains(setting, UnitCommand.Text.Split('\n'));

    [Fact]
    [Trait("Category", "Integration")]
    public async Task Unit_SystemdReadsIt_HasNothingToSay()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "NOT TESTED: systemd reads the unit; systemd-analyze is not here.");
        using var place = new TemporaryFolder();
        place.Folder.Create();
        var unit = place.FileOf("computeshare-node.service");
        // The program is installed beside it; here another one stands for it.
        await File.WriteAllTextAsync(unit, UnitCommand.Text.Replace(ExecStart[0], "/bin/true", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        using var analyze = Process.Start(new ProcessStartInfo("systemd-analyze", ["verify", unit]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = await analyze.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await analyze.WaitForExitAsync(TestContext.Current.CancellationToken);

        // It may have something to say about other units of the machine.
        Assert.DoesNotContain("computeshare-node", said, StringComparison.Ordinal);
        Assert.Equal(0, analyze.ExitCode);
    }
}
