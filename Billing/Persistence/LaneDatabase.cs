using Npgsql;

namespace ComputeShare.Billing.Persistence;

/// <summary>
/// The pool of the lanes and of checkpoints: few statements, many times a second. All of them find rows by key, so that one plan each is right
/// whatever is asked. PostgreSQL itself would plan them anew each time, because it takes lists of unknown length for long ones, and that costs more
/// than to run them; and it would plan for the tables as they are when it does, small ones to be read whole. Nothing that these statements set outlives
/// their transaction, so that connections need no reset. A commit does not wait for the disk: what is to be on it before it is answered says so
/// (<see cref="Sql.CommitOnDisk"/>, <see cref="Settlement.SettleSql.Flush"/>); a server that loses its memory may lose the rest, and with it whatever
/// saw it. Statements that are sent together are one transaction without more words, in which each sees what was committed before it.
/// </summary>
internal sealed class LaneDatabase : IAsyncDisposable
{
    private const string Options =
        @"-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c synchronous_commit=off -c default_transaction_isolation=read\ committed";

    private readonly NpgsqlDataSource _pool;

    /// <param name="others">How all others reach the database.</param>
    public LaneDatabase(NpgsqlConnectionStringBuilder others) => _pool = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(others.ConnectionString) { Options = $"{others.Options} {Options}".Trim(), NoResetOnClose = true });

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => _pool.OpenConnectionAsync(cancellationToken);

    public ValueTask DisposeAsync() => _pool.DisposeAsync();
}
