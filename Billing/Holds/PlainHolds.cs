using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Pricing;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Npgsql;

namespace ComputeShare.Billing.Holds;

/// <summary>
/// A group of first holds, as nearly all are, placed as they are wanted or not at all: locks, decision, writing and commit in one round trip.
/// Whatever stands in the way of one of them leaves all to <see cref="HoldPlan"/>, which knows what to answer. Where nothing does, both
/// place the same.
/// </summary>
internal sealed class PlainHolds
{
    // $1 requests, $2 accounts, $3 amounts, $4 prices, $5 keys, $6 and $7 prompt and completion tokens, $8 how long an ended price is taken, $9 and
    // $10 the least and the greatest request: by them, and not by a list, PostgreSQL finds the months to look into.
    private const string Place = """
        WITH wanted AS (
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
                AS w (request_id, account_id, amount, price_id, key_id, prompt_tokens, completion_tokens)
        ), needed AS (
            SELECT account_id, sum(amount) AS amount FROM wanted GROUP BY account_id
        ), funded AS (
            SELECT n.account_id, n.amount::bigint AS amount FROM needed n JOIN accounts a ON a.id = n.account_id
            WHERE a.kind = 'consumer' AND a.balance - a.held >= n.amount
        ), way_is_clear AS (
            SELECT WHERE (SELECT count(*) FROM funded) = (SELECT count(*) FROM needed)
                AND NOT EXISTS (SELECT FROM holds WHERE request_id = ANY ($1))
                AND NOT EXISTS (SELECT FROM ledger_transactions WHERE request_id BETWEEN $9 AND $10 AND request_id = ANY ($1) AND kind = 'settle')
                AND NOT EXISTS (SELECT FROM spend_caps WHERE key_id = ANY ($5))
                AND NOT EXISTS (SELECT FROM prices WHERE id = ANY ($4) AND (valid_to < now() - $8 OR valid_from > now()))
        ), held AS (
            UPDATE accounts SET held = accounts.held + funded.amount FROM funded, way_is_clear WHERE accounts.id = funded.account_id
        )
        INSERT INTO holds (request_id, account_id, seq, amount, price_id, key_id, prompt_tokens, completion_tokens, owner_epoch)
        SELECT request_id, account_id, 1, amount, price_id, key_id, prompt_tokens, completion_tokens, 0 FROM wanted, way_is_clear
        ORDER BY request_id
        """;

    // More than any account has, and still a number that amounts can be added up to.
    private static readonly Money Most = new(long.MaxValue);

    private readonly (PlaceHold Command, Money Amount)[] _holds;

    private PlainHolds((PlaceHold Command, Money Amount)[] holds) => _holds = holds;

    public IReadOnlyList<BillingAnswer> Answers =>
        Array.ConvertAll(_holds, hold => Sessions.Answers.Held(hold.Amount, hold.Command.Wanted));

    /// <returns>Null: it is no such group.</returns>
    public static PlainHolds? Of(IReadOnlyList<HoldChange> group)
    {
        var holds = new (PlaceHold, Money)[group.Count];
        for (var i = 0; i < holds.Length; i++)
        {
            if (group[i] is not PlaceHold { Seq: 1, OwnerEpoch: 0 } place
                || HoldCost.CoveredBy(Most, place.Price.PerMillion, place.PromptTokens, place.Wanted) != place.Wanted)
            {
                return null;
            }

            holds[i] = (place, HoldCost.Of(place.Price.PerMillion, place.PromptTokens, place.Wanted));
        }

        return new PlainHolds(holds);
    }

    /// <returns>False: nothing was changed.</returns>
    public async Task<bool> TryPlaceAsync(NpgsqlConnection connection, TimeSpan endedPrices, CancellationToken cancellationToken)
    {
        var place = new NpgsqlBatchCommand(Place)
        {
            Parameters =
            {
                Sql.Column(_holds, hold => hold.Command.RequestId),
                Sql.Column(_holds, hold => hold.Command.AccountId),
                Sql.Column(_holds, hold => hold.Amount.NanoDollars),
                Sql.Column(_holds, hold => hold.Command.Price.Id),
                Sql.Column(_holds, hold => hold.Command.KeyId),
                Sql.Column(_holds, hold => (long)hold.Command.PromptTokens),
                Sql.Column(_holds, hold => (long)hold.Command.Wanted),
                Sql.Value(endedPrices),
                Sql.Value(_holds.Min(hold => hold.Command.RequestId)),
                Sql.Value(_holds.Max(hold => hold.Command.RequestId)),
            },
        };
        // Sent together, they are one transaction to PostgreSQL.
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                // A statement of its own, so that the next one sees what was committed before the locks were had.
                LockedFunds.LockCommand(_holds.Select(hold => hold.Command.AccountId)),
                place,
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return place.RecordsAffected > 0;
    }
}
