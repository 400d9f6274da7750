using ComputeShare.Contracts;
using Npgsql;
using NpgsqlTypes;

namespace ComputeShare.Billing.Ledger;

/// <summary>Gives a consumer credit. It comes out of the platform's top-up book, so that the ledger still sums to zero.</summary>
internal sealed class TopUp(NpgsqlDataSource database)
{
    private const string Begin = """
        INSERT INTO ledger_transactions (request_id, kind, reference) VALUES ($1, 'topup', $2)
        ON CONFLICT (request_id, kind) DO NOTHING RETURNING kind
        """;

    // Gateways that remember the account as one without credit hear of it by the key version.
    private const string Book = """
        WITH credit AS (
            UPDATE accounts SET balance = balance + $3, key_version = key_version + (balance = 0)::int
            WHERE id = $2 AND kind = 'consumer' RETURNING id
        )
        INSERT INTO ledger_entries (request_id, kind, position, account_id, book, amount)
        SELECT $1, 'topup', 0::smallint, id, 'consumer:balance', $3 FROM credit
        UNION ALL SELECT $1, 'topup', 1::smallint, 'platform', 'platform:topup', -$3 FROM credit
        """;

    /// <inheritdoc cref="BookAsync(RequestId, string, Money, string?, CancellationToken)"/>
    public Task<bool> BookAsync(RequestId topUpId, string accountId, Money amount, CancellationToken cancellationToken) =>
        BookAsync(topUpId, accountId, amount, reference: null, cancellationToken);

    /// <summary>False: this top-up was booked before, and nothing changed.</summary>
    /// <param name="topUpId">Makes it happen once, however often it is asked for.</param>
    /// <param name="accountId">A consumer.</param>
    /// <param name="amount">Above zero.</param>
    /// <param name="reference">What an operator wrote beside it.</param>
    /// <param name="cancellationToken">Before the commit, nothing has happened.</param>
    /// <exception cref="ArgumentException">No consumer has this account id.</exception>
    public async Task<bool> BookAsync(RequestId topUpId, string accountId, Money amount, string? reference, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await BookAsync(connection, Guid.ParseExact(topUpId.Value, "N"), accountId, amount, reference, cancellationToken))
        {
            return false;
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>The same, as a part of the caller's transaction.</summary>
    public static async Task<bool> BookAsync(
        NpgsqlConnection connection, Guid request, string accountId, Money amount, string? reference, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(amount, Money.Zero);
        await using var begin = new NpgsqlCommand(Begin, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = request },
                new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)reference ?? DBNull.Value },
            },
        };
        if (await begin.ExecuteScalarAsync(cancellationToken) is null)
        {
            return false;
        }

        await using var book = new NpgsqlCommand(Book, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = request },
                new NpgsqlParameter<string> { TypedValue = accountId },
                new NpgsqlParameter<long> { TypedValue = amount.NanoDollars },
            },
        };
        if (await book.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            throw new ArgumentException("No consumer has this account id.", nameof(accountId));
        }

        return true;
    }
}
