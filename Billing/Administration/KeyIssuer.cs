using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Administration;

/// <summary>What a new key may do.</summary>
internal sealed record KeyTerms(string? Kind, string Name, DateTimeOffset? Expires, string[] Models);

/// <summary>Makes keys, of which only the hash stays here, and ends them. Either raises the account's key version.</summary>
internal sealed class KeyIssuer(IDbContextFactory<BillingDbContext> database, AccountRegister accounts, TimeProvider clock)
{
    /// <exception cref="AdministrationException">There is no such account, or the terms do not fit it.</exception>
    public async Task<IssuedKey> IssueAsync(string nameOrId, KeyTerms terms, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(nameOrId, cancellationToken);
        var kind = terms.Kind ?? account.Kind;
        if (kind != KeyKinds.Management && kind != account.Kind)
        {
            throw new AdministrationException($"{account.Name} is a {account.Kind}'s account: it can have no {kind} key.");
        }

        if (account.Kind == AccountKinds.Platform)
        {
            throw new AdministrationException("The platform's own account has no keys.");
        }

        await using var billing = await database.CreateDbContextAsync(cancellationToken);

        // Expiry is decided by PostgreSQL's clock, so this is too.
        if (terms.Expires is { } expires
            && await billing.Database.SqlQuery<bool>($"SELECT {expires} <= now() AS \"Value\"").SingleAsync(cancellationToken))
        {
            throw new AdministrationException("--expires must be in the future.");
        }

        await using var transaction = await billing.Database.BeginTransactionAsync(cancellationToken);
        var issued = Add(billing, account, kind, terms);
        await billing.SaveChangesAsync(cancellationToken);
        await RaiseKeyVersionAsync(billing, account.Id, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return issued;
    }

    /// <summary>An account with its first key, or neither.</summary>
    /// <exception cref="AdministrationException">The name is taken, or none.</exception>
    public async Task<IssuedKey> OpenAccountAsync(string name, string accountKind, string keyKind, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var account = accounts.Add(billing, name, accountKind);
        var issued = Add(billing, account, keyKind, new KeyTerms(keyKind, "", null, []));
        await AccountRegister.SaveNewAsync(billing, name, cancellationToken);
        return issued;
    }

    public async Task<IReadOnlyList<ApiKeyRow>> ListAsync(string nameOrId, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(nameOrId, cancellationToken);
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        return await billing.ApiKeys.AsNoTracking()
            .Where(key => key.AccountId == account.Id)
            .OrderBy(key => key.Created).ThenBy(key => key.Id)
            .ToListAsync(cancellationToken);
    }

    /// <summary>False: it was revoked before.</summary>
    /// <exception cref="AdministrationException">There is no such key.</exception>
    public async Task<bool> RevokeAsync(string keyId, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var key = await billing.ApiKeys.AsNoTracking().SingleOrDefaultAsync(key => key.Id == keyId, cancellationToken)
            ?? throw new AdministrationException($"There is no key {keyId}; `admin key list ACCOUNT` lists an account's.");
        await using var transaction = await billing.Database.BeginTransactionAsync(cancellationToken);
        var revoked = await billing.Database.ExecuteSqlAsync(
            $"UPDATE api_keys SET revoked = now() WHERE id = {keyId} AND revoked IS NULL", cancellationToken);
        if (revoked > 0)
        {
            await RaiseKeyVersionAsync(billing, key.AccountId, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return revoked > 0;
    }

    private IssuedKey Add(BillingDbContext billing, AccountRow account, string kind, KeyTerms terms)
    {
        var text = ApiKey.Create(KeyKinds.Prefix(kind));
        var key = new ApiKeyRow
        {
            Id = RowIds.New(clock),
            AccountId = account.Id,
            Kind = kind,
            Name = terms.Name,
            Hash = ApiKey.Hash(text),
            Expires = terms.Expires,
            AllowedModels = terms.Models,
        };
        billing.ApiKeys.Add(key);
        return new IssuedKey(key.Id, account.Name, text);
    }

    private static Task<int> RaiseKeyVersionAsync(BillingDbContext billing, string accountId, CancellationToken cancellationToken) =>
        billing.Database.ExecuteSqlAsync($"UPDATE accounts SET key_version = key_version + 1 WHERE id = {accountId}", cancellationToken);
}

/// <summary>A key as it is handed over. A class, because a record's text would print the key.</summary>
internal sealed class IssuedKey(string id, string account, string text)
{
    public string Id => id;

    public string Account => account;

    public string Text => text;
}
