using ComputeShare.Billing.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Setup;

/// <summary>
/// Gives the role that the services and <c>admin</c> connect as what they need and no more, so that whoever gets hold of its password can
/// still not rewrite what is booked. Run at each set-up, because a migration may bring a table. Triggers refuse the same for everybody.
/// </summary>
internal sealed class ServiceRole(
    NpgsqlDataSource database, IDbContextFactory<BillingDbContext> contexts, IOptions<MigrationOptions> options)
{
    private const string Everything = "SELECT, INSERT, UPDATE, DELETE";

    // What only the owner of a table can do, done by functions that run as the owner.
    private static readonly string[] Functions = ["make_month_partitions(integer)", "forget_generations(interval, integer)"];

    // What is not here holds nothing that must last.
    private static readonly Dictionary<string, string> Rights = new(StringComparer.Ordinal)
    {
        ["ledger_transactions"] = "SELECT, INSERT",
        ["ledger_entries"] = "SELECT, INSERT",
        ["accounts"] = "SELECT, INSERT, UPDATE (name, balance, held, key_version, parallel_requests, requests_per_minute, tokens_per_minute, policy)",
        ["api_keys"] = "SELECT, INSERT, UPDATE",
        ["generations"] = "SELECT, INSERT, UPDATE",

        // Locking a row wants the right to change some column of it; nothing reads this one.
        ["nodes"] = "SELECT, INSERT, UPDATE (created)",
        ["prices"] = "SELECT, INSERT, UPDATE (valid_to)",
        ["payouts"] = "SELECT, INSERT, UPDATE (state, reference, reason, approved, ended)",
        ["payment_events"] = "SELECT, INSERT, UPDATE (outcome, account_id)",
        ["payment_sources"] = "SELECT, INSERT",
        ["node_counts"] = "SELECT, INSERT, UPDATE",
        ["node_probes"] = "SELECT, INSERT, UPDATE",
    };

    /// <exception cref="SetupException">There is no such role.</exception>
    public async Task GrantAsync(CancellationToken cancellationToken)
    {
        var role = options.Value.ServiceRole;
        if (role.Length == 0)
        {
            return;
        }

        await using var billing = await contexts.CreateDbContextAsync(cancellationToken);
        var tables = billing.Model.GetEntityTypes().Select(entity => entity.GetTableName()!).Distinct().ToArray();
        try
        {
            await using var command = database.CreateCommand(Script(Quoted(role), tables));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UndefinedObject)
        {
            throw new SetupException("Migration:ServiceRole names a role that PostgreSQL does not have: make it first, with CREATE ROLE … LOGIN.");
        }
    }

    // One command, one transaction: nobody sees the role without its rights in between.
    private static string Script(string role, string[] tables) => string.Join(
        ";\n",
        [
            $"GRANT USAGE ON SCHEMA public TO {role}",
            $"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
            $"GRANT SELECT ON \"__EFMigrationsHistory\" TO {role}",
            .. tables.Select(table => $"GRANT {Rights.GetValueOrDefault(table, Everything)} ON {table} TO {role}"),
            .. Functions.Select(function => $"GRANT EXECUTE ON FUNCTION {function} TO {role}"),
        ]);

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
