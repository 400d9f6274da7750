using ComputeShare.Billing.Escrow;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Payments;
using ComputeShare.Contracts;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Administration;

/// <summary>The operator's way to hosters' earnings: how they stand, forfeits and appeals, and whose money is whose.</summary>
internal sealed class HosterDesk(
    NpgsqlDataSource database, AccountRegister accounts, HosterStandings standings, Forfeits forfeits, IOptions<EscrowOptions> threshold)
{
    public async Task<IReadOnlyList<(HosterStanding Hoster, bool Meets)>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await standings.ListAsync(cancellationToken)).Select(hoster => (hoster, hoster.Meets(threshold.Value)))];

    /// <exception cref="AdministrationException">No hoster, or not so much is there.</exception>
    public async Task<Forfeited> ForfeitAsync(string nameOrId, bool cleared, Money? amount, string reason, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(nameOrId, cancellationToken);
        try
        {
            return await forfeits.ForfeitAsync(account.Id, cleared ? Books.HosterCleared : Books.HosterEscrow, amount, reason, cancellationToken);
        }
        catch (ArgumentException refused)
        {
            throw new AdministrationException(Sentence(refused));
        }
    }

    /// <exception cref="AdministrationException">There is no such forfeit.</exception>
    public async Task<Forfeited> AppealAsync(string forfeit, string reason, CancellationToken cancellationToken)
    {
        try
        {
            return RequestId.TryParse(forfeit, out var id)
                ? await forfeits.AppealAsync(id, reason, cancellationToken)
                : throw new AdministrationException("FORFEIT must be the id that `admin hoster forfeit` printed.");
        }
        catch (ArgumentException refused)
        {
            throw new AdministrationException(Sentence(refused));
        }
    }

    /// <summary>A source that a consumer shares with a hoster makes its requests the hoster's own traffic, from now on.</summary>
    public async Task AddSourceAsync(string nameOrId, string source, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(nameOrId, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await PaymentSources.AddAsync(connection, account.Id, [source], cancellationToken);
    }

    // Without the parameter's name, which an operator does not know.
    private static string Sentence(ArgumentException error) => error.Message.Split(" (Parameter", 2)[0];
}
