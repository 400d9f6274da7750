using ComputeShare.Billing.Generations;
using ComputeShare.Billing.Idempotency;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Pricing;
using ComputeShare.Billing.Sessions;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.ServiceDefaults.Faults;
using Npgsql;

namespace ComputeShare.Billing.Holds;

/// <summary>
/// Keeps what a gateway's open streams have delivered so far, so that the reaper can settle them if that gateway dies. A stream without
/// a hold (settled meanwhile, lost, or taken over) is passed over. A keyed request is alive by it, also before it has a hold.
/// </summary>
internal sealed class Checkpoints(LaneDatabase database, SharePricer pricer, FaultPoints faults)
{
    private const string LockInOrder = "SELECT FROM holds WHERE request_id = ANY ($1) ORDER BY request_id FOR UPDATE";

    private const string Keep = """
        UPDATE holds SET reported_at = now(),
            checkpoint = CASE WHEN c.tokens >= holds.checkpoint_tokens THEN c.shares::jsonb ELSE holds.checkpoint END,
            checkpoint_tokens = greatest(c.tokens, holds.checkpoint_tokens)
        FROM unnest($1, $2, $3, $4) AS c (request_id, shares, tokens, owner_epoch)
        WHERE holds.request_id = c.request_id AND holds.owner_epoch = c.owner_epoch
        """;

    public async ValueTask<BillingAnswer> AnswerAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var open = new Dictionary<Guid, OpenStream>();
        var wrong = 0;
        foreach (var stream in checkpoint.Streams)
        {
            if (RequestId.TryParse(stream.RequestId, out var id)
                && await pricer.PriceAsync(stream.Shares, cancellationToken) is { Wrong: null })
            {
                open[Guid.ParseExact(id.Value, "N")] = stream;
            }
            else
            {
                wrong++;
            }
        }

        if (open.Count > 0)
        {
            await KeepAsync(open, cancellationToken);
        }

        return wrong == 0 ? Answers.Done() : Answers.Rejected($"{wrong} of the open streams name no request or no price.");
    }

    private async Task KeepAsync(Dictionary<Guid, OpenStream> open, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var requests = new NpgsqlParameter<Guid[]> { TypedValue = [.. open.Keys] };
        var shares = open.Values.Select(stream => StoredShares.Write(stream.Shares)).ToArray();
        var epochs = open.Values.Select(stream => (long)stream.OwnerEpoch).ToArray();
        var tokens = open.Values.Select(stream => stream.Shares.Sum(share => (long)share.CompletionTokens)).ToArray();
        // Sent together, they are one transaction to PostgreSQL. A lost second of checkpoints is replaced by the next.
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(LockInOrder) { Parameters = { requests } },
                new NpgsqlBatchCommand(Keep)
                {
                    Parameters =
                    {
                        requests.Clone(),
                        new NpgsqlParameter<string[]> { TypedValue = shares },
                        new NpgsqlParameter<long[]> { TypedValue = tokens },
                        new NpgsqlParameter<long[]> { TypedValue = epochs },
                    },
                },
            },
        };
        var keyed = open.Where(stream => stream.Value.OwnerEpoch > 0).ToArray();
        if (keyed.Length > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(KeyedSql.KeepAlive)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(keyed, stream => stream.Key) },
                    new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(keyed, stream => (long)stream.Value.OwnerEpoch) },
                },
            });
        }

        await faults.ReachAsync("billing.checkpoint.before-commit", cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
