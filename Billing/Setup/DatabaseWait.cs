using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Setup;

/// <summary>Waits until PostgreSQL accepts connections: it is started beside this program.</summary>
internal sealed class DatabaseWait(
    NpgsqlDataSource database, IOptions<MigrationOptions> options, TimeProvider clock, ILogger<DatabaseWait> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <exception cref="SetupException">It did not in time, or it refuses this user for good.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var target = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var where = $"{target.Host}:{target.Port}";
        var started = clock.GetTimestamp();
        while (await TryConnectAsync(where, cancellationToken) is { } error)
        {
            if (clock.GetElapsedTime(started) > options.Value.WaitForDatabase)
            {
                throw new SetupException(
                    $"PostgreSQL at {where} does not answer after {options.Value.WaitForDatabase.TotalSeconds:0} s: {error.Message}");
            }

            SetupLog.Waiting(logger, where);
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    /// <summary>Null: PostgreSQL answers. That the database is not there yet is an answer too.</summary>
    private async Task<NpgsqlException?> TryConnectAsync(string where, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            return null;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            return null;
        }
        catch (PostgresException error) when (error.SqlState
            is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            throw new SetupException($"PostgreSQL at {where} refuses the user of ConnectionStrings:billing: {error.MessageText}.");
        }
        catch (NpgsqlException error)
        {
            return error;
        }
    }
}
