using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts;
using Npgsql;

namespace ComputeShare.Billing.Ledger;

/// <summary>
/// Who moves a hoster's money out of one of its books locks its account first, so that what he read is still there. Settlements and refunds
/// do not: they add to escrow, or take back what was never earned, and a hoster's traffic must not wait for itself.
/// </summary>
internal static class HosterLock
{
    private const string Lock = "SELECT 1 FROM accounts WHERE id = $1 AND kind = 'hoster' FOR NO KEY UPDATE";
    private const string Balance = "SELECT hoster_balance($1, $2)";

    /// <returns>False: no hoster has this id.</returns>
    public static async Task<bool> TakeAsync(NpgsqlConnection connection, string hosterId, CancellationToken cancellationToken) =>
        await Sql.ScalarAsync<int>(connection, Lock, cancellationToken, Sql.Value(hosterId)) == 1;

    public static async Task<Money> BalanceAsync(NpgsqlConnection connection, string hosterId, string book, CancellationToken cancellationToken) =>
        new(await Sql.ScalarAsync<long>(connection, Balance, cancellationToken, Sql.Value(hosterId), Sql.Value(book)));
}
