using System.Globalization;
using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts.Billing;
using Npgsql;

namespace ComputeShare.Billing.Keys;

/// <summary>
/// Listens to the database for accounts whose keys or limits have changed, whoever has changed them: another Billing, or an operator at
/// the command line. After a lost connection everything may have changed.
/// </summary>
internal sealed class KeyNoticeListener(NpgsqlDataSource database, KeyNotices notices, TimeProvider clock, ILogger<KeyNoticeListener> logger)
    : BackgroundService
{
    // The channel of the trigger accounts_key_version.
    private const string Listen = "LISTEN key_notices";

    private const string Alive = "SELECT";

    // Finds a connection that has died without a word.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested && DatabaseFaults.IsOfTheDatabase(error))
            {
                KeyLog.ListeningFailed(logger, error);
                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        connection.Notification += (_, heard) => Hear(heard.Payload);
        await using (var listen = new NpgsqlCommand(Listen, connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        notices.Tell(new KeyNotice());
        while (true)
        {
            if (!await connection.WaitAsync(Silence, cancellationToken))
            {
                await using var alive = new NpgsqlCommand(Alive, connection);
                await alive.ExecuteNonQueryAsync(cancellationToken);
            }
        }
    }

    private void Hear(string payload)
    {
        var space = payload.IndexOf(' ', StringComparison.Ordinal);
        if (space > 0 && ulong.TryParse(payload.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            notices.Tell(new KeyNotice { AccountId = payload[(space + 1)..], KeyVersion = version });
        }
    }
}
