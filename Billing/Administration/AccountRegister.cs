using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeShare.Billing.Administration;

/// <summary>Opens accounts, finds them by name or id, and sets their limits.</summary>
internal sealed class AccountRegister(IDbContextFactory<BillingDbContext> database, TimeProvider clock)
{
    public static readonly string[] Kinds = [AccountKinds.Consumer, AccountKinds.Hoster];

    /// <exception cref="AdministrationException">The name is taken, or none.</exception>
    public async Task<AccountRow> CreateAsync(string name, string kind, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var account = Add(billing, name, kind);
        await SaveNewAsync(billing, name, cancellationToken);
        return account;
    }

    /// <summary>To be saved by <see cref="SaveNewAsync"/>, with what else belongs to it.</summary>
    /// <exception cref="AdministrationException">The name is none.</exception>
    public AccountRow Add(BillingDbContext billing, string name, string kind)
    {
        AccountName.Check(name);
        var account = new AccountRow { Id = RowIds.New(clock), Kind = kind, Name = name };
        billing.Accounts.Add(account);
        return account;
    }

    /// <exception cref="AdministrationException">The name is taken.</exception>
    public static async Task SaveNewAsync(BillingDbContext billing, string name, CancellationToken cancellationToken)
    {
        try
        {
            await billing.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException error) when (error.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new AdministrationException($"There is an account {name} already.");
        }
    }

    /// <exception cref="AdministrationException">There is none.</exception>
    public async Task<AccountRow> FindAsync(string nameOrId, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        return await billing.Accounts.AsNoTracking()
            .SingleOrDefaultAsync(account => account.Id == nameOrId || account.Name == nameOrId, cancellationToken)
            ?? throw new AdministrationException($"There is no account {nameOrId}.");
    }

    /// <summary>By name; with what a hoster has earned, which no account keeps.</summary>
    public async Task<IReadOnlyList<(AccountRow Account, long Earned)>> ListAsync(CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var earned = await billing.LedgerEntries
            .Where(entry => entry.Book == Books.HosterEscrow)
            .GroupBy(entry => entry.AccountId)
            .ToDictionaryAsync(entries => entries.Key, entries => entries.Sum(entry => entry.Amount), cancellationToken);
        var accounts = await billing.Accounts.AsNoTracking()
            .Where(account => account.Kind != AccountKinds.Platform)
            .OrderBy(account => account.Name)
            .ToListAsync(cancellationToken);
        return [.. accounts.Select(account => (account, earned.GetValueOrDefault(account.Id)))];
    }

    /// <summary>Sets what is not null. Gateways hear of it by the key version.</summary>
    /// <exception cref="AdministrationException">There is no such account.</exception>
    public async Task<AccountRow> LimitAsync(
        string nameOrId, int? parallel, int? requestsPerMinute, int? tokensPerMinute, CancellationToken cancellationToken)
    {
        var account = await FindAsync(nameOrId, cancellationToken);
        if ((parallel, requestsPerMinute, tokensPerMinute) == (null, null, null))
        {
            return account;
        }

        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        await billing.Database.ExecuteSqlAsync(
            $"""
            UPDATE accounts SET
                parallel_requests = coalesce({parallel}, parallel_requests),
                requests_per_minute = coalesce({requestsPerMinute}, requests_per_minute),
                tokens_per_minute = coalesce({tokensPerMinute}, tokens_per_minute),
                key_version = key_version + 1
            WHERE id = {account.Id}
            """,
            cancellationToken);
        return await FindAsync(account.Id, cancellationToken);
    }

    /// <summary>Sets by what <c>auto</c> chooses, unless it is null. Gateways hear of it by the key version.</summary>
    /// <exception cref="AdministrationException">There is no such account.</exception>
    public async Task<AccountRow> SetPolicyAsync(string nameOrId, string? policy, CancellationToken cancellationToken)
    {
        var account = await FindAsync(nameOrId, cancellationToken);
        if (policy is null)
        {
            return account;
        }

        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        await billing.Database.ExecuteSqlAsync(
            $"UPDATE accounts SET policy = {policy}, key_version = key_version + 1 WHERE id = {account.Id}", cancellationToken);
        return await FindAsync(account.Id, cancellationToken);
    }
}
