using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Sessions;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Settlement;

/// <summary>
/// Tells Billing once a second, in one batch, what the open streams have delivered: a gateway that dies under-bills by no more than that.
/// </summary>
internal sealed class CheckpointReporter(
    OpenStreams streams,
    BillingSessions billing,
    GatewayReplica replica,
    IOptions<SettlementOptions> options,
    TimeProvider clock,
    ILogger<CheckpointReporter> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.CheckpointEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await ReportAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        var checkpoint = streams.Checkpoint();
        if (checkpoint.Streams.Count == 0)
        {
            return;
        }

        try
        {
            await billing.SendAsync(replica.Name, new BillingCommand { Checkpoint = checkpoint }, cancellationToken);
        }
        catch (SessionLostException lost)
        {
            SettlementLog.CheckpointLost(logger, checkpoint.Streams.Count, lost.Message);
        }
    }
}
