using Npgsql;

namespace ComputeShare.Billing.Persistence;

/// <summary>Plain SQL in few words.</summary>
internal static class Sql
{
    /// <summary>
    /// Ends a batch of a transaction, and the transaction with it, without a round trip of its own. What fails before it in the batch is not
    /// committed: PostgreSQL passes over the rest.
    /// </summary>
    public const string Commit = "COMMIT";

    /// <summary>
    /// What is answered after such a commit is on disk. Said, because lanes do not wait for it by themselves (<see cref="LaneDatabase"/>), and a server may
    /// be set up not to.
    /// </summary>
    public const string CommitOnDisk = "SET LOCAL synchronous_commit TO ON";

    public static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    /// <summary>One column of many rows, for <c>unnest</c> and <c>= ANY</c>.</summary>
    public static NpgsqlParameter<TValue[]> Column<TRow, TValue>(IReadOnlyList<TRow> rows, Func<TRow, TValue> value) =>
        Value(rows.Select(value).ToArray());

    public static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return command;
    }

    public static async Task<int> ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The first column of the first row; the default where there is none.</summary>
    public static async Task<T?> ScalarAsync<T>(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteScalarAsync(cancellationToken) is T value ? value : default;
    }
}
