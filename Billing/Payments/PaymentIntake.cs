using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Payouts;
using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts;
using Npgsql;

namespace ComputeShare.Billing.Payments;

/// <summary>
/// Takes providers' webhooks, each event once: its row is written in the transaction that books it, and whoever comes with the same event
/// meanwhile waits for that row. What several events tell of one payment is booked under the payment's id, so once too.
/// </summary>
internal sealed class PaymentIntake(
    NpgsqlDataSource database, IEnumerable<IPaymentProvider> providers, PayoutRegister payouts, ILogger<PaymentIntake> logger)
{
    private const string Begin = """
        INSERT INTO payment_events (provider, event_id, type, outcome) VALUES ($1, $2, $3, 'no_change') ON CONFLICT (provider, event_id) DO NOTHING
        """;

    private const string End = "UPDATE payment_events SET outcome = $3, account_id = nullif($4, '') WHERE provider = $1 AND event_id = $2";

    private const string IsConsumer = "SELECT 1 FROM accounts WHERE id = $1 AND kind = 'consumer'";

    /// <returns>One of <see cref="PaymentOutcomes"/>; null: no such provider is configured.</returns>
    /// <exception cref="WebhookRefusedException">It is not from the provider.</exception>
    public async Task<string?> AcceptAsync(string provider, ReadOnlyMemory<byte> body, string signature, CancellationToken cancellationToken)
    {
        if (providers.FirstOrDefault(known => known.Name == provider && known.IsConfigured) is not { } from)
        {
            return null;
        }

        var notice = from.Read(body.Span, signature);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await Sql.ExecuteAsync(connection, Begin, cancellationToken, Sql.Value(provider), Sql.Value(notice.EventId), Sql.Value(notice.Type)) == 0)
        {
            return PaymentOutcomes.Duplicate;
        }

        var (outcome, account) = await ApplyAsync(connection, provider, notice, cancellationToken);
        await Sql.ExecuteAsync(
            connection, End, cancellationToken, Sql.Value(provider), Sql.Value(notice.EventId), Sql.Value(outcome), Sql.Value(account ?? ""));
        await transaction.CommitAsync(cancellationToken);
        if (outcome is PaymentOutcomes.Unmatched or PaymentOutcomes.Currency)
        {
            PaymentLog.Unmatched(logger, provider, notice.EventId, notice.Type, outcome);
        }
        else
        {
            PaymentLog.Taken(logger, provider, notice.EventId, notice.Type, outcome);
        }

        return outcome;
    }

    private async Task<(string Outcome, string? Account)> ApplyAsync(
        NpgsqlConnection connection, string provider, PaymentNotice notice, CancellationToken cancellationToken)
    {
        switch (notice.Act)
        {
            case PaidIn paid:
                if (!await IsConsumerAsync(connection, paid.AccountId, cancellationToken) || paid.Amount <= Money.Zero)
                {
                    return (PaymentOutcomes.Unmatched, null);
                }

                var isNew = await TopUp.BookAsync(
                    connection, IdOf(provider, paid.PaymentId), paid.AccountId, paid.Amount, $"{provider}:{paid.PaymentId}", cancellationToken);
                await PaymentSources.AddAsync(connection, paid.AccountId, paid.Sources, cancellationToken);
                return (isNew ? PaymentOutcomes.Booked : PaymentOutcomes.NoChange, paid.AccountId);
            case SourcesSeen seen:
                await PaymentSources.AddAsync(connection, seen.AccountId, seen.Sources, cancellationToken);
                return (PaymentOutcomes.NoChange, await IsConsumerAsync(connection, seen.AccountId, cancellationToken) ? seen.AccountId : null);
            case Refunded refunded:
                return Said(await TopUpReversal.RefundAsync(
                    connection, IdOf(provider, refunded.PaymentId), refunded.InAll, $"{provider}:{notice.EventId}", cancellationToken));
            case Disputed disputed:
                return Said(await TopUpReversal.DisputeAsync(
                    connection, IdOf(provider, disputed.PaymentId), disputed.Amount, $"{provider}:{notice.EventId}", cancellationToken));
            case DisputeWon won:
                return Said(await TopUpReversal.WinDisputeAsync(
                    connection, IdOf(provider, won.PaymentId), $"{provider}:{notice.EventId}", cancellationToken));
            case PaidOut paidOut:
                return (await PayOutAsync(paidOut, provider, cancellationToken), null);
            case NotPaidOut notPaid:
                return (await EndAsync(notPaid, cancellationToken), null);
            case NothingToBook nothing:
                return (nothing.Outcome, null);
            default:
                throw new InvalidOperationException($"Nobody books a {notice.Act.GetType().Name}.");
        }
    }

    // A payout's step has a transaction of its own, and its state lets it happen once: if this event's row is lost, it comes again.
    private static async Task<string> StepAsync(Func<Task> step)
    {
        try
        {
            await step();
            return PaymentOutcomes.Booked;
        }
        catch (PayoutStateException)
        {
            return PaymentOutcomes.NoChange;
        }
    }

    // Money that has left for a payout which was not approved, or has failed, is not in the ledger.
    private async Task<string> PayOutAsync(PaidOut paidOut, string provider, CancellationToken cancellationToken) =>
        await payouts.StateOfAsync(paidOut.Payout, cancellationToken) switch
        {
            null or PayoutStates.Proposed or PayoutStates.Failed => PaymentOutcomes.Unmatched,
            _ => await StepAsync(() => payouts.MarkPaidAsync(paidOut.Payout, $"{provider}:{paidOut.Reference}", cancellationToken)),
        };

    private async Task<string> EndAsync(NotPaidOut notPaid, CancellationToken cancellationToken) => await payouts.StateOfAsync(notPaid.Payout, cancellationToken) switch
    {
        null => PaymentOutcomes.Unmatched,
        PayoutStates.Paid => await StepAsync(() => payouts.MarkReturnedAsync(notPaid.Payout, notPaid.Reason, cancellationToken)),
        _ => await StepAsync(() => payouts.MarkFailedAsync(notPaid.Payout, notPaid.Reason, cancellationToken)),
    };

    private static async Task<bool> IsConsumerAsync(NpgsqlConnection connection, string account, CancellationToken cancellationToken) =>
        await Sql.ScalarAsync<int>(connection, IsConsumer, cancellationToken, Sql.Value(account)) == 1;

    private static (string Outcome, string? Account) Said((string? AccountId, bool Booked) done) => done switch
    {
        (null, _) => (PaymentOutcomes.Unmatched, null),
        (var account, true) => (PaymentOutcomes.Booked, account),
        (var account, false) => (PaymentOutcomes.NoChange, account),
    };

    private static Guid IdOf(string provider, string payment) => Guid.ParseExact(Booking.IdOf($"{provider}:{payment}").Value, "N");
}
