using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Escrow;

/// <summary>
/// Moves what a hoster has earned from escrow to what can be paid out, where the hoster meets the threshold and the earnings are old
/// enough. What is clearable is read under the lock of the hoster's account, which everybody takes who moves a hoster's money out of escrow.
/// </summary>
internal sealed class Clearing(NpgsqlDataSource database, HosterStandings standings, IOptions<EscrowOptions> threshold, TimeProvider clock)
{
    /// <returns>Hosters whose earnings were cleared.</returns>
    public async Task<int> ClearAsync(CancellationToken cancellationToken)
    {
        var cleared = 0;
        foreach (var hoster in await standings.ListAsync(cancellationToken))
        {
            if (hoster.Clearable > Money.Zero && hoster.Meets(threshold.Value))
            {
                cleared += await ClearAsync(hoster.HosterId, cancellationToken) ? 1 : 0;
            }
        }

        return cleared;
    }

    private async Task<bool> ClearAsync(string hosterId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await HosterLock.TakeAsync(connection, hosterId, cancellationToken);
        if (await standings.FindAsync(connection, hosterId, cancellationToken) is not { } hoster
            || hoster.Clearable <= Money.Zero || !hoster.Meets(threshold.Value))
        {
            return false;
        }

        await Booking.TryAddAsync(
            connection,
            Guid.ParseExact(RowIds.New(clock), "N"),
            TransactionKinds.Clear,
            reference: null,
            [
                new BookingEntry(hosterId, Books.HosterEscrow, Money.Zero - hoster.Clearable),
                new BookingEntry(hosterId, Books.HosterCleared, hoster.Clearable),
            ],
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
