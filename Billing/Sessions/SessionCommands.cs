using System.Diagnostics;
using ComputeShare.Billing.Holds;
using ComputeShare.Billing.Idempotency;
using ComputeShare.Billing.Settlement;
using ComputeShare.Billing.Telemetry;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Sessions;

/// <summary>
/// Answers the commands of a session. Whatever goes wrong is an answer: an exception would end the session for everybody's commands.
/// </summary>
internal sealed class SessionCommands(
    HoldIntake holds, SettleIntake settlements, Checkpoints checkpoints, KeyedRequestIntake keyed, ILogger<SessionCommands> logger)
{
    public async ValueTask<BillingAnswer> AnswerAsync(BillingCommand command, CancellationToken cancellationToken)
    {
        Activity.Current?.SetTag(BillingTelemetry.RequestIdTag, RequestIdOf(command));
        try
        {
            return await (command.CommandCase switch
            {
                BillingCommand.CommandOneofCase.Hold => holds.AnswerAsync(command.Hold, cancellationToken),
                BillingCommand.CommandOneofCase.ReleaseHold => holds.AnswerAsync(command.ReleaseHold, cancellationToken),
                BillingCommand.CommandOneofCase.Settle => settlements.AnswerAsync(command.Settle, cancellationToken),
                BillingCommand.CommandOneofCase.Checkpoint => checkpoints.AnswerAsync(command.Checkpoint, cancellationToken),
                BillingCommand.CommandOneofCase.BeginIdempotent => keyed.AnswerAsync(command.BeginIdempotent, cancellationToken),
                BillingCommand.CommandOneofCase.FinishIdempotent => keyed.AnswerAsync(command.FinishIdempotent, cancellationToken),
                _ => new(Answers.Rejected("Billing does not know this command.")),
            });
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            SessionLog.CommandFailed(logger, command.Name, error);
            return Answers.Unavailable("Billing's database does not answer.");
        }
    }

    private static string? RequestIdOf(BillingCommand command) => command.CommandCase switch
    {
        BillingCommand.CommandOneofCase.Hold => command.Hold.RequestId,
        BillingCommand.CommandOneofCase.ReleaseHold => command.ReleaseHold.RequestId,
        BillingCommand.CommandOneofCase.Settle => command.Settle.RequestId,
        BillingCommand.CommandOneofCase.BeginIdempotent => command.BeginIdempotent.RequestId,
        BillingCommand.CommandOneofCase.FinishIdempotent => command.FinishIdempotent.RequestId,
        _ => null,
    };
}
