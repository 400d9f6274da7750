using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts;
using Npgsql;

namespace ComputeShare.Billing.Payouts;

/// <summary>
/// Payouts from proposal to end. Each step changes the state and books its entries in one transaction: who comes second finds the state
/// changed, and the ledger's key refuses the step's entries a second time.
/// </summary>
internal sealed class PayoutRegister(NpgsqlDataSource database, TimeProvider clock)
{
    // One row a hoster: whoever has one on its way is passed over.
    private const string Insert = """
        INSERT INTO payouts (id, batch, hoster_id, amount, state) VALUES ($1, $2, $3, $4, 'proposed')
        ON CONFLICT (hoster_id) WHERE state IN ('proposed', 'approved') DO NOTHING
        """;

    private const string Hosters = "SELECT id FROM accounts WHERE kind = 'hoster' AND hoster_balance(id, 'hoster:cleared') >= $1 ORDER BY id";

    private const string Find = "SELECT hoster_id, amount, state FROM payouts WHERE id = $1";

    private const string Move = """
        UPDATE payouts SET state = $2,
            reference = CASE WHEN $3 = '' THEN reference ELSE $3 END, reason = CASE WHEN $4 = '' THEN reason ELSE $4 END,
            approved = CASE WHEN $2 = 'approved' THEN now() ELSE approved END, ended = CASE WHEN $2 = 'approved' THEN NULL ELSE now() END
        WHERE id = $1
        """;

    /// <summary>What cleared earnings of <paramref name="least"/> or more there are, a payout for each hoster.</summary>
    /// <returns>The batch, and how many payouts it has.</returns>
    public async Task<(string Batch, int Payouts)> ProposeAsync(Money least, CancellationToken cancellationToken)
    {
        var batch = RowIds.New(clock);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var hosters = new List<string>();
        await using (var read = Sql.Command(connection, Hosters, Sql.Value(Math.Max(1, least.NanoDollars))))
        await using (var rows = await read.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
            {
                hosters.Add(rows.GetString(0));
            }
        }

        var proposed = 0;
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var hoster in hosters)
        {
            await HosterLock.TakeAsync(connection, hoster, cancellationToken);
            var cleared = await HosterLock.BalanceAsync(connection, hoster, Books.HosterCleared, cancellationToken);
            if (cleared > Money.Zero && cleared >= least)
            {
                var id = Guid.ParseExact(RowIds.New(clock), "N");
                proposed += await Sql.ExecuteAsync(
                    connection, Insert, cancellationToken, Sql.Value(id), Sql.Value(batch), Sql.Value(hoster), Sql.Value(cleared.NanoDollars));
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return (batch, proposed);
    }

    /// <summary>The operator's word that it may be paid: sets the money aside.</summary>
    public Task ApproveAsync(Guid payout, CancellationToken cancellationToken) => StepAsync(
        payout, PayoutStates.Proposed, PayoutStates.Approved, TransactionKinds.PayoutApproved, Books.HosterCleared, Books.HosterPayable, "", "", cancellationToken);

    /// <param name="payout">An approved one.</param>
    /// <param name="reference">What the bank or provider calls it.</param>
    /// <param name="cancellationToken">Before the commit, nothing has happened.</param>
    public Task MarkPaidAsync(Guid payout, string reference, CancellationToken cancellationToken) => StepAsync(
        payout, PayoutStates.Approved, PayoutStates.Paid, TransactionKinds.PayoutPaid, Books.HosterPayable, Books.PlatformPayout, reference, "", cancellationToken);

    /// <summary>It did not leave: what was set aside is the hoster's to be paid out again. One that was only proposed moves nothing.</summary>
    public async Task MarkFailedAsync(Guid payout, string reason, CancellationToken cancellationToken)
    {
        if (await StateOfAsync(payout, cancellationToken) == PayoutStates.Proposed)
        {
            await StepAsync(payout, PayoutStates.Proposed, PayoutStates.Failed, kind: null, "", "", "", reason, cancellationToken);
            return;
        }

        await StepAsync(
            payout, PayoutStates.Approved, PayoutStates.Failed, TransactionKinds.PayoutFailed, Books.HosterPayable, Books.HosterCleared, "", reason, cancellationToken);
    }

    /// <summary>It had left and came back.</summary>
    public Task MarkReturnedAsync(Guid payout, string reason, CancellationToken cancellationToken) => StepAsync(
        payout, PayoutStates.Paid, PayoutStates.Returned, TransactionKinds.PayoutReturned, Books.PlatformPayout, Books.HosterCleared, "", reason, cancellationToken);

    /// <summary>Null: there is no such payout.</summary>
    public async Task<string?> StateOfAsync(Guid payout, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await Sql.ScalarAsync<string>(connection, "SELECT state FROM payouts WHERE id = $1", cancellationToken, Sql.Value(payout));
    }

    private async Task StepAsync(
        Guid payout, string from, string to, string? kind, string giver, string taker, string reference, string reason, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (hoster, _, _) = await FindAsync(connection, payout, cancellationToken);
        await HosterLock.TakeAsync(connection, hoster, cancellationToken);

        // Once more, under the lock.
        var (_, amount, state) = await FindAsync(connection, payout, cancellationToken);
        if (state != from)
        {
            throw new PayoutStateException($"The payout is {state}, not {from}.");
        }

        if (giver == Books.HosterCleared && await HosterLock.BalanceAsync(connection, hoster, giver, cancellationToken) < amount)
        {
            throw new PayoutStateException("The hoster has not as much cleared any more: mark it failed, and propose again.");
        }

        await Sql.ExecuteAsync(connection, Move, cancellationToken, Sql.Value(payout), Sql.Value(to), Sql.Value(reference), Sql.Value(reason));
        if (kind is not null)
        {
            var note = reference.Length > 0 ? reference : reason.Length > 0 ? reason : null;
            BookingEntry[] entries = [new(Owner(giver, hoster), giver, Money.Zero - amount), new(Owner(taker, hoster), taker, amount)];
            await Booking.TryAddAsync(connection, payout, kind, note, entries, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static string Owner(string book, string hoster) => book == Books.PlatformPayout ? PlatformAccount.Id : hoster;

    private static async Task<(string Hoster, Money Amount, string State)> FindAsync(NpgsqlConnection connection, Guid payout, CancellationToken cancellationToken)
    {
        await using var find = Sql.Command(connection, Find, Sql.Value(payout));
        await using var row = await find.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? (row.GetString(0), new Money(row.GetInt64(1)), row.GetString(2))
            : throw new PayoutStateException("There is no such payout.");
    }
}

/// <summary>The step does not fit the payout; the message may be shown.</summary>
internal sealed class PayoutStateException(string message) : Exception(message);
