using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Holds;

/// <summary>
/// Sends the reaper round from time to time, as soon as Billing has been there to hear a gateway for <see cref="HoldOptions.Expiry"/> without
/// a break. After a start, an outage of the database, or a jump ahead of its clock, every hold looks silent; their gateways come with
/// checkpoints and with what waits in their spools at once, but not before the first round.
/// </summary>
internal sealed class HoldReaperWorker(
    HoldReaper reaper, NpgsqlDataSource database, IOptions<HoldOptions> options, TimeProvider clock, ILogger<HoldReaperWorker> logger)
    : PeriodicWorker(options.Value.ReapInterval, clock, logger)
{
    private long? _listeningSince;
    private (DateTimeOffset Database, long Here) _last;

    public override async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = Clock.GetTimestamp();
        try
        {
            if (await HasJumpedAsync(now, cancellationToken))
            {
                HoldLog.ClockJumped(Logger);
                _listeningSince = null;
            }

            if (_listeningSince is { } since && Clock.GetElapsedTime(since, now) >= options.Value.Expiry)
            {
                await reaper.ReapAsync(cancellationToken);
            }

            _listeningSince ??= now;
        }
        catch
        {
            _listeningSince = null;
            throw;
        }
    }

    // By less than half of the expiry, no hold that is reported each second looks silent.
    private async Task<bool> HasJumpedAsync(long now, CancellationToken cancellationToken)
    {
        await using var ask = database.CreateCommand("SELECT now()");
        var (databaseNow, last) = (new DateTimeOffset((DateTime)(await ask.ExecuteScalarAsync(cancellationToken))!), _last);
        _last = (databaseNow, now);
        return _listeningSince is not null && databaseNow - last.Database - Clock.GetElapsedTime(last.Here, now) > options.Value.Expiry / 2;
    }
}
