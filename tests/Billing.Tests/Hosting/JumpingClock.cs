using ComputeShare.TestSupport.Servers;
using Npgsql;

namespace ComputeShare.Billing.Tests.Hosting;

/// <summary>
/// A database whose clock a test lets jump, and a service on it. PostgreSQL looks for <c>now()</c> and <c>clock_timestamp()</c> in the schemas of
/// the search path in their order; one that stands before its own answers in its place, in statements, defaults and functions alike.
/// </summary>
internal static class JumpingClock
{
    private const string Install = """
        CREATE SCHEMA clock;
        CREATE TABLE clock.jumps (length interval NOT NULL);
        CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS
            'SELECT pg_catalog.now() + (SELECT coalesce(sum(length), ''0'') FROM clock.jumps)';
        CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
            'SELECT pg_catalog.clock_timestamp() + (SELECT coalesce(sum(length), ''0'') FROM clock.jumps)';
        """;

    public static async Task<RunningBilling> StartBillingAsync(PostgresServer postgres, CancellationToken cancellationToken)
    {
        var connectionString = await postgres.CreateDatabaseAsync(cancellationToken);
        await using (var database = NpgsqlDataSource.Create(connectionString))
        {
            await ExecuteAsync(database, Install, cancellationToken);
            var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
            await ExecuteAsync(database, $"ALTER DATABASE {name} SET search_path = public, clock, pg_catalog", cancellationToken);
        }

        await RunningBilling.SetUpAsync(connectionString, cancellationToken);
        return await RunningBilling.StartOnAsync(connectionString, cancellationToken);
    }

    /// <param name="length">Negative: it is set back.</param>
    public static Task JumpAsync(RunningBilling billing, TimeSpan length, CancellationToken cancellationToken) => billing.ExecuteAsync(
        FormattableString.Invariant($"INSERT INTO clock.jumps VALUES (make_interval(secs => {length.TotalSeconds}))"), cancellationToken);

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
