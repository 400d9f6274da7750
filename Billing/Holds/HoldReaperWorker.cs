using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Holds;

/// <summary>
/// Sends the reaper round from time to time, as soon as Billing has been there to hear a gateway for <see cref="HoldOptions.Expiry"/> without
/// a break. After a start, or an outage of the database, every hold looks silent; their gateways come with checkpoints and with what
/// waits in their spools at once, but not before the first round.
/// </summary>
internal sealed class HoldReaperWorker(
    HoldReaper reaper, NpgsqlDataSource database, IOptions<HoldOptions> options, TimeProvider clock, ILogger<HoldReaperWorker> logger)
    : PeriodicWorker(options.Value.ReapInterval, clock, logger)
{
    private long? _listeningSince;

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = Clock.GetTimestamp();
        try
        {
            if (_listeningSince is { } since && Clock.GetElapsedTime(since, now) >= options.Value.Expiry)
            {
                await reaper.ReapAsync(cancellationToken);
            }
            else
            {
                await using var connection = await database.OpenConnectionAsync(cancellationToken);
                await using var ask = new NpgsqlCommand("SELECT 1", connection);
                await ask.ExecuteScalarAsync(cancellationToken);
            }

            _listeningSince ??= now;
        }
        catch
        {
            _listeningSince = null;
            throw;
        }
    }
}
