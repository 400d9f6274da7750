using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Sessions;
using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Settlement;

/// <summary>
/// Tells Billing twice a second, in one batch, what the open streams have delivered since: a gateway that dies under-bills by no more than that and the way.
/// </summary>
internal sealed class CheckpointReporter(
    OpenStreams streams,
    BillingSessions billing,
    GatewayReplica replica,
    IOptions<SettlementOptions> options,
    TimeProvider clock,
    ILogger<CheckpointReporter> logger)
    : PeriodicWorker(options.Value.CheckpointEvery, clock, logger)
{
    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var checkpoint = streams.Checkpoint();
        if (checkpoint.Streams.Count == 0)
        {
            return;
        }

        try
        {
            var answer = await billing.SendAsync(replica.Name, new BillingCommand { Checkpoint = checkpoint }, cancellationToken);
            // Those that it rejects it would reject again.
            if (answer.AnswerCase is BillingAnswer.AnswerOneofCase.Done or BillingAnswer.AnswerOneofCase.Rejected)
            {
                streams.Told();
                return;
            }
        }
        catch (SessionLostException lost)
        {
            SettlementLog.CheckpointLost(Logger, checkpoint.Streams.Count, lost.Message);
        }

        streams.NotTold();
    }
}
