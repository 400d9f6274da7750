using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Administration;

/// <summary>Books credit once per reference: whoever is not sure whether it was booked sends it again.</summary>
internal sealed class CreditSale(TopUp topUp, AccountRegister accounts, IDbContextFactory<BillingDbContext> database)
{
    /// <returns>The account's balance, and whether this call changed it.</returns>
    /// <exception cref="AdministrationException">No consumer, or the reference stands for another sale.</exception>
    public async Task<(Money Balance, bool Booked)> SellAsync(
        string nameOrId, Money amount, string reference, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(nameOrId, cancellationToken);
        if (account.Kind != AccountKinds.Consumer)
        {
            throw new AdministrationException($"{account.Name} is no consumer's account: only consumers have credit.");
        }

        var id = Booking.IdOf(reference);
        var booked = await topUp.BookAsync(id, account.Id, amount, reference, cancellationToken);
        if (!booked && !await IsSameAsync(id, account.Id, amount, cancellationToken))
        {
            throw new AdministrationException($"Reference {reference} was booked before, for another account or amount.");
        }

        return (new Money((await accounts.FindAsync(account.Id, cancellationToken)).Balance), booked);
    }

    private async Task<bool> IsSameAsync(RequestId id, string accountId, Money amount, CancellationToken cancellationToken)
    {
        var request = Guid.ParseExact(id.Value, "N");
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        return await billing.LedgerEntries.AnyAsync(
            entry => entry.RequestId == request
                && entry.Kind == TransactionKinds.TopUp
                && entry.AccountId == accountId
                && entry.Amount == amount.NanoDollars,
            cancellationToken);
    }
}
