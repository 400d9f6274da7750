using ComputeShare.HosterNode.Reporting;
using Spectre.Console;

namespace ComputeShare.HosterNode.View;

/// <summary>Shows in the terminal what the node does, twice a second, until it stops. Without it the node runs all the same.</summary>
internal sealed class TerminalView(IAnsiConsole terminal, NodeStatusReader status, RecentLog log, IHostApplicationLifetime lifetime, TimeProvider clock)
    : BackgroundService
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Until the host has stopped the web server, so that a drain is seen to its end.
        var stop = lifetime.ApplicationStopped;
        await terminal.Live(new Text("Starting …")).StartAsync(async live =>
        {
            while (!stop.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
            {
                live.UpdateTarget(StatusView.Of(await status.ReadAsync(stoppingToken), log.Lines));
                await Task.Delay(Refresh, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
    }
}
