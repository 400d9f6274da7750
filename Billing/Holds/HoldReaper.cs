using ComputeShare.Billing.Generations;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Pricing;
using ComputeShare.Billing.Settlement;
using ComputeShare.Billing.Telemetry;
using ComputeShare.Contracts.Billing;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Holds;

/// <summary>
/// Ends the holds of gateways that fell silent: settles what their last checkpoint says was delivered, gives the rest back. Every
/// replica reaps; who comes second finds the hold gone. PostgreSQL's clock decides what is old.
/// </summary>
internal sealed class HoldReaper(
    NpgsqlDataSource database,
    PriceList prices,
    SettleIntake settlements,
    IOptions<HoldOptions> options,
    BillingTelemetry telemetry,
    ILogger<HoldReaper> logger)
{
    // More than one gateway's streams; what is left waits for the next round.
    private const int MaxPerRound = 5000;

    private const string FindSilent = """
        SELECT request_id, account_id, key_id, price_id, coalesce(checkpoint::text, '[]') FROM holds
        WHERE reported_at < now() - $1 ORDER BY reported_at LIMIT $2
        """;

    private const string LockAccount = "SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE";

    private const string GiveBack = """
        WITH given AS (
            DELETE FROM holds WHERE request_id = $2 AND account_id = $1 AND reported_at < now() - $3 RETURNING amount
        )
        UPDATE accounts SET held = held - given.amount FROM given WHERE id = $1
        """;

    /// <summary>One round; returns how many holds were ended.</summary>
    public async Task<int> ReapAsync(CancellationToken cancellationToken)
    {
        var ended = 0;
        foreach (var hold in await FindSilentAsync(cancellationToken))
        {
            ended += await EndAsync(hold, cancellationToken) ? 1 : 0;
        }

        return ended;
    }

    private async Task<List<SilentHold>> FindSilentAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(FindSilent);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.Expiry });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MaxPerRound });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var silent = new List<SilentHold>();
        while (await rows.ReadAsync(cancellationToken))
        {
            var shares = StoredShares.Read(rows.GetString(4)).ToArray();
            silent.Add(new SilentHold(rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), shares));
        }

        return silent;
    }

    private async Task<bool> EndAsync(SilentHold hold, CancellationToken cancellationToken)
    {
        // The prompt is billed only where at least one token was delivered (DESIGN.md §5).
        var delivered = hold.Shares.Any(share => share.CompletionTokens > 0);
        var ended = delivered ? await SettleAsync(hold, cancellationToken) : await GiveBackAsync(hold, cancellationToken);
        if (ended)
        {
            telemetry.Reaped(delivered ? "settled" : "released");
            HoldLog.Reaped(logger, hold.RequestId.ToString("N"), delivered);
        }

        return ended;
    }

    private async Task<bool> SettleAsync(SilentHold hold, CancellationToken cancellationToken)
    {
        var price = await prices.FindAsync(hold.Shares[^1].PriceId, cancellationToken);
        var settle = new Settle
        {
            RequestId = hold.RequestId.ToString("N"),
            AccountId = hold.AccountId,
            Kind = TransactionKinds.Settle,
            Shares = { hold.Shares },
            Record = new GenerationRecord
            {
                KeyId = hold.KeyId,
                ServedModel = price?.ModelId ?? "",
                HosterName = price?.HosterName ?? "",
                Status = GenerationStatus.Recovered,
                Outcome = "GatewayLost",

                // Nobody is left to say how it counted.
                CountsAreBounded = true,
            },
        };
        var answer = await settlements.RecoverAsync(settle, cancellationToken);
        return answer switch
        {
            // The money has moved already, so that only the hold is in the way.
            { Settled.Duplicate: true } => await GiveBackAsync(hold, cancellationToken),
            _ => answer.AnswerCase == BillingAnswer.AnswerOneofCase.Settled,
        };
    }

    private async Task<bool> GiveBackAsync(SilentHold hold, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(LockAccount) { Parameters = { new NpgsqlParameter<string> { TypedValue = hold.AccountId } } },
                new NpgsqlBatchCommand(GiveBack)
                {
                    Parameters =
                    {
                        new NpgsqlParameter<string> { TypedValue = hold.AccountId },
                        new NpgsqlParameter<Guid> { TypedValue = hold.RequestId },
                        new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.Expiry },
                    },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
        var givenBack = batch.BatchCommands[1].RecordsAffected > 0;
        await transaction.CommitAsync(cancellationToken);
        return givenBack;
    }

    private sealed record SilentHold(Guid RequestId, string AccountId, string KeyId, string PriceId, Share[] Shares);
}
