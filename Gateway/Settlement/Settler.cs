using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Admission;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Sessions;
using ComputeShare.ServiceDefaults.Faults;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Settlement;

/// <summary>
/// Step 8: settles a request once, after its stream has ended. Uses no token of the request, which may be cancelled already. What Billing
/// cannot take now goes to the spool; Billing refuses a second settlement by itself.
/// </summary>
internal sealed class Settler(
    BillingSessions billing,
    SettlementSpool spool,
    SharedPause pause,
    FaultPoints faults,
    IOptions<SettlementOptions> options,
    TimeProvider clock,
    ILogger<Settler> logger)
{
    /// <summary>Does nothing for a request that never asked for a hold. Throws only what a fault point asks for.</summary>
    public async Task SettleAsync(CompletionContext context)
    {
        if (context.Hold is not { WasAsked: true } hold)
        {
            return;
        }

        // A gateway that dies now must not take with it what it has delivered long ago: what is not booked soon waits on disk.
        var isQuiet = await IsQuietAsync(hold);
        var settle = Settlements.Of(context, clock.GetElapsedTime(context.Arrived));
        // Where a hold took all there was, the account's next request waits for what is left of it. What a gateway that dies meanwhile may give away
        // is bounded by Settlement:JournalEvery, a multiple of the pause.
        if (!hold.IsShort)
        {
            await pause.WaitAsync();
        }

        if (!isQuiet || !await TrySettleAsync(settle, options.Value.SpoolAfter))
        {
            // The disk is not waited for in the turn of those that gathered with it.
            await Task.Yield();
            if (spool.Add(settle))
            {
                SettlementLog.Spooled(logger, settle.RequestId);
            }
            else
            {
                SettlementLog.NotSpooled(logger, settle.RequestId);
            }
        }

        await faults.ReachAsync("gateway.settled", CancellationToken.None);
    }

    /// <summary>Sends what was spooled.</summary>
    /// <returns>False: Billing gave no answer that ends the matter.</returns>
    public Task<bool> TrySettleAsync(Settle settle) => TrySettleAsync(settle, options.Value.Timeout);

    private async Task<bool> IsQuietAsync(CreditHold hold)
    {
        try
        {
            await hold.QuietAsync().WaitAsync(options.Value.SpoolAfter, clock);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task<bool> TrySettleAsync(Settle settle, TimeSpan timeout)
    {
        try
        {
            var command = new BillingCommand { Settle = settle };
            var answer = await billing.SendAsync(settle.AccountId, command, CancellationToken.None, timeout);
            switch (answer.AnswerCase)
            {
                case BillingAnswer.AnswerOneofCase.Settled:
                    return true;
                case BillingAnswer.AnswerOneofCase.Rejected:
                    SettlementLog.Rejected(logger, settle.RequestId, answer.Rejected.Message);
                    if (!spool.SetAside(settle))
                    {
                        SettlementLog.NotSetAside(logger, settle.RequestId);
                    }

                    return true;
                default:
                    return false;
            }
        }
        catch (SessionLostException)
        {
            return false;
        }
    }
}
