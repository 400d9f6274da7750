using System.Data;
using ComputeShare.Billing.Escrow;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts.Billing;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Hosters;

/// <summary>What a hoster has, and how it stands against the threshold: as at one moment.</summary>
internal sealed class HosterReader(NpgsqlDataSource database, HosterStandings standings, IOptions<EscrowOptions> threshold)
{
    private const string PaidOut = "SELECT coalesce(sum(amount), 0)::bigint FROM payouts WHERE hoster_id = $1 AND state = 'paid'";

    /// <summary>Null: no hoster has this account.</summary>
    public async Task<Hoster?> ReadAsync(string accountId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        if (await standings.FindAsync(connection, accountId, cancellationToken) is not { } hoster)
        {
            return null;
        }

        var payable = await HosterLock.BalanceAsync(connection, accountId, Books.HosterPayable, cancellationToken);
        return new Hoster
        {
            AccountId = hoster.HosterId,
            Name = hoster.Name,
            Escrow = hoster.Escrow.NanoDollars,
            Clearable = hoster.Clearable.NanoDollars,
            Cleared = hoster.Cleared.NanoDollars,
            Payable = payable.NanoDollars,
            PaidOut = await Sql.ScalarAsync<long>(connection, PaidOut, cancellationToken, Sql.Value(accountId)),
            Standing = Standing(hoster),
        };
    }

    private ClearingStanding Standing(HosterStanding hoster) => new()
    {
        Requests = hoster.Requests,
        Failures = hoster.Failures,
        FailedAttempts = hoster.FailedAttempts,
        RequiredRequests = threshold.Value.Requests,
        RequiredSuccessPercent = (uint)threshold.Value.SuccessPercent,
        WindowMs = (ulong)threshold.Value.Window.TotalMilliseconds,
        AgeMs = (ulong)threshold.Value.Age.TotalMilliseconds,
        IsMet = hoster.Meets(threshold.Value),
        SuspectNodes = (uint)hoster.SuspectNodes,
    };
}
