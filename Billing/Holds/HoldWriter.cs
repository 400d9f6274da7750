using ComputeShare.Billing.Grouping;
using ComputeShare.Billing.Idempotency;
using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.ServiceDefaults.Faults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Holds;

/// <summary>
/// Places and gives back the holds of a group in one transaction: in one round trip where <see cref="PlainHolds"/> may, else one reads under lock
/// and one writes and commits. Committed asynchronously: a hold lost with the server's memory loses no money that its settlement would not find (DESIGN.md §6).
/// </summary>
internal sealed class HoldWriter(LaneDatabase database, IOptions<HoldOptions> options, FaultPoints faults) : IGroupWork<HoldChange>
{
    private const string ReadHolds = """
        SELECT request_id, account_id, key_id, price_id, seq, amount, completion_tokens FROM holds
        WHERE request_id = ANY ($1) ORDER BY request_id FOR UPDATE
        """;

    // $2 and $3 are the least and the greatest of $1: by them, and not by a list, PostgreSQL finds the months to look into.
    private const string ReadSettled =
        "SELECT request_id FROM ledger_transactions WHERE request_id BETWEEN $2 AND $3 AND request_id = ANY ($1) AND kind = 'settle'";

    private const string ReadInvalidPrices = "SELECT id FROM prices WHERE id = ANY ($1) AND (valid_to < now() - $2 OR valid_from > now())";

    private const string Place = """
        INSERT INTO holds (request_id, account_id, seq, amount, price_id, key_id, prompt_tokens, completion_tokens, owner_epoch)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) AS placed (request_id) ORDER BY placed.request_id
        ON CONFLICT (request_id) DO UPDATE SET
            seq = EXCLUDED.seq, amount = EXCLUDED.amount, price_id = EXCLUDED.price_id, key_id = EXCLUDED.key_id,
            prompt_tokens = EXCLUDED.prompt_tokens, completion_tokens = EXCLUDED.completion_tokens, owner_epoch = EXCLUDED.owner_epoch,
            reported_at = now()
        """;

    private const string GiveBack = "DELETE FROM holds WHERE request_id = ANY ($1)";

    private const int MostRemembered = 10_000;

    // Keys that had caps when they were last looked at: their holds are never plain, and trying costs a round trip.
    private readonly HashSet<string> _cappedKeys = new(StringComparer.Ordinal);

    public string Lane => "hold";

    public Guid RequestOf(HoldChange command) => command.RequestId;

    // A hold that nobody waits for would only lie there until the reaper comes; one to give back is given back all the same.
    public bool MayBeDropped(HoldChange command) => command is PlaceHold;

    public async Task<IReadOnlyList<BillingAnswer>> RunInOneTransactionAsync(
        IReadOnlyList<HoldChange> group, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        if (PlainHolds.Of(group) is { } plain && !group.OfType<PlaceHold>().Any(place => _cappedKeys.Contains(place.KeyId)))
        {
            await faults.ReachAsync("billing.hold.before-commit", cancellationToken);
            if (await plain.TryPlaceAsync(connection, options.Value.EndedPrices, cancellationToken))
            {
                await faults.ReachAsync("billing.hold.after-commit", cancellationToken);
                return plain.Answers;
            }
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var plan = await ReadAsync(connection, group, cancellationToken);
        var answers = group.Select(plan.Plan.Decide).ToArray();
        if (plan.Plan.ChangesNothing)
        {
            return answers;
        }

        await faults.ReachAsync("billing.hold.before-commit", cancellationToken);
        await WriteAndCommitAsync(connection, plan.Accounts, plan.Plan, cancellationToken);
        await faults.ReachAsync("billing.hold.after-commit", cancellationToken);
        return answers;
    }

    private void Remember(IReadOnlyList<HoldChange> group, CappedKeys capped)
    {
        if (_cappedKeys.Count > MostRemembered)
        {
            _cappedKeys.Clear();
        }

        foreach (var place in group.OfType<PlaceHold>())
        {
            _ = capped.Find(place.KeyId) is null ? _cappedKeys.Remove(place.KeyId) : _cappedKeys.Add(place.KeyId);
        }
    }

    private async Task<(HoldPlan Plan, LockedFunds Accounts)> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<HoldChange> group, CancellationToken cancellationToken)
    {
        var requests = new NpgsqlParameter<Guid[]> { TypedValue = group.Select(change => change.RequestId).ToArray() };
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                LockedFunds.LockCommand(
                    group.OfType<PlaceHold>().Select(place => place.AccountId),
                    group.OfType<GiveBackHold>().Select(giveBack => giveBack.RequestId)),
                new NpgsqlBatchCommand(ReadHolds) { Parameters = { requests } },
                RequestOwners.LockCommand(group.Where(change => change.OwnerEpoch > 0).Select(change => change.RequestId)),
                new NpgsqlBatchCommand(ReadSettled)
                {
                    Parameters =
                    {
                        requests.Clone(),
                        Sql.Value(group.Min(change => change.RequestId)),
                        Sql.Value(group.Max(change => change.RequestId)),
                    },
                },
                CappedKeys.ReadCommand(group.OfType<PlaceHold>().Select(place => place.KeyId)),
                new NpgsqlBatchCommand(ReadInvalidPrices)
                {
                    Parameters =
                    {
                        new NpgsqlParameter<string[]> { TypedValue = group.OfType<PlaceHold>().Select(place => place.Price.Id).Distinct().ToArray() },
                        new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.EndedPrices },
                    },
                },
            },
        };
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        var accounts = await LockedFunds.ReadAsync(rows, cancellationToken);

        await rows.NextResultAsync(cancellationToken);
        var holds = new Dictionary<Guid, PlacedHold>();
        while (await rows.ReadAsync(cancellationToken))
        {
            holds[rows.GetGuid(0)] = new PlacedHold(
                rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetInt64(4), new Money(rows.GetInt64(5)), (uint)rows.GetInt64(6));
        }

        await rows.NextResultAsync(cancellationToken);
        var owners = await RequestOwners.ReadAsync(rows, cancellationToken);

        await rows.NextResultAsync(cancellationToken);
        var settled = new HashSet<Guid>();
        while (await rows.ReadAsync(cancellationToken))
        {
            settled.Add(rows.GetGuid(0));
        }

        await rows.NextResultAsync(cancellationToken);
        var keys = await CappedKeys.ReadAsync(rows, cancellationToken);
        Remember(group, keys);

        await rows.NextResultAsync(cancellationToken);
        var invalidPrices = new HashSet<string>(StringComparer.Ordinal);
        while (await rows.ReadAsync(cancellationToken))
        {
            invalidPrices.Add(rows.GetString(0));
        }

        return (new HoldPlan(accounts, keys, holds, settled, owners, invalidPrices), accounts);
    }

    private static async Task WriteAndCommitAsync(
        NpgsqlConnection connection, LockedFunds accounts, HoldPlan plan, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (accounts.UpdateCommand() is { } update)
        {
            batch.BatchCommands.Add(update);
        }

        if (plan.Placed.Count > 0)
        {
            batch.BatchCommands.Add(PlaceCommand(plan.Placed));
        }

        if (plan.GivenBack.Count > 0)
        {
            var requests = new NpgsqlParameter<Guid[]> { TypedValue = plan.GivenBack.ToArray() };
            batch.BatchCommands.Add(new NpgsqlBatchCommand(GiveBack) { Parameters = { requests } });
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql.Commit));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlBatchCommand PlaceCommand(IReadOnlyList<(PlaceHold Command, PlacedHold Hold)> placed) => new(Place)
    {
        Parameters =
        {
            Sql.Column(placed, item => item.Command.RequestId),
            Sql.Column(placed, item => item.Command.AccountId),
            Sql.Column(placed, item => item.Hold.Seq),
            Sql.Column(placed, item => item.Hold.Amount.NanoDollars),
            Sql.Column(placed, item => item.Command.Price.Id),
            Sql.Column(placed, item => item.Command.KeyId),
            Sql.Column(placed, item => (long)item.Command.PromptTokens),
            Sql.Column(placed, item => (long)item.Hold.CompletionTokens),
            Sql.Column(placed, item => (long)item.Command.OwnerEpoch),
        },
    };
}
