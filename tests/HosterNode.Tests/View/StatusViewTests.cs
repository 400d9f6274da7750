using ComputeShare.HosterNode.Reporting;
using ComputeShare.HosterNode.View;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace ComputeShare.HosterNode.Tests.View;

public sealed class StatusViewTests
{
    private static readonly NodeStatus Status = new(
        "mine",
        NodeStateName.Serving,
        ["gateway-1"],
        "llama.cpp",
        "b6000",
        [new ModelStatus("llama [8b]", 8192, 0.05m, 0.005m, 0.2m, 120, 42.5f)],
        new SlotStatus(4, 3, 2, 1),
        new TrafficStatus(3661, 2, 10, 1, 4321, 85.25),
        [new GpuStatus("NVIDIA H100", "580.159.04", "9.0", 80L << 30, 40L << 30, 97, 64, 310.4)],
        "22:00-08:00",
        "Europe/Berlin",
        new EarningStatus("0.5", "12.5"));

    [Fact]
    public void Text_OfAStatus_HasALineForEachThing()
    {
        var lines = StatusText.Of(Status).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(
            [
                "node      mine",
                "state     serving",
                "gateways  gateway-1",
                "engine    llama.cpp b6000",
                "model     llama [8b], context 8,192, $0.05 in, $0.005 cached, $0.20 out per million, first token 120 ms, 42.5 tokens/s",
                "slots     2 of 3 taken, 4 in all, 1 local",
                "requests  2 running, 10 finished, 1 failed",
                "tokens    4321 in 01:01:01, 85.3/s now",
                "gpu       NVIDIA H100, 40960 of 81920 MiB, 97 %, 64 °C, 310 W, compute 9.0, driver 580.159.04",
                "earnings  $0.5 today, $12.5 in 30 days, all your nodes together",
                "schedule  22:00-08:00 (Europe/Berlin)",
            ],
            lines);
    }

    [Fact]
    public void View_OfAStatus_ShowsRequestsSpeedEarningsAndGpuAndTheLogBelow()
    {
        var log = new RecentLog(new FakeTimeProvider());
        var logger = log.CreateLogger("any");
        for (var line = 1; line <= 8; line++)
        {
            Log(LogLevel.Information, $"Line [{line}]");
        }

        Log(LogLevel.Debug, "Nobody reads this");
        using var written = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(written), Ansi = AnsiSupport.No });
        console.Profile.Width = 160;

        console.Write(StatusView.Of(Status, log.Lines));

        var text = written.ToString();
        Assert.Contains("85.3/s now", text, StringComparison.Ordinal);
        Assert.Contains("$0.5 today", text, StringComparison.Ordinal);
        Assert.Contains("NVIDIA H100", text, StringComparison.Ordinal);
        Assert.Contains("llama [8b]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Line [2]", text, StringComparison.Ordinal);
        Assert.Contains("Line [3]", text, StringComparison.Ordinal);
        Assert.Contains("Line [8]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Nobody", text, StringComparison.Ordinal);

        void Log(LogLevel level, string line) => logger.Log(level, default, line, exception: null, (text, _) => text);
    }
}
