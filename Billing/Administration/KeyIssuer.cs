using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts.Billing;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Administration;

/// <summary>The operator's way to keys: by the names of accounts, and of every kind.</summary>
internal sealed class KeyIssuer(IDbContextFactory<BillingDbContext> database, AccountRegister accounts, KeyWriter keys)
{
    /// <param name="kind">Null: as the account.</param>
    /// <exception cref="AdministrationException">There is no such account, or the terms do not fit it.</exception>
    public async Task<IssuedKey> IssueAsync(string nameOrId, string? kind, KeyTerms terms, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(nameOrId, cancellationToken);
        try
        {
            return (await keys.CreateAsync(account.Id, kind, terms, cancellationToken))!;
        }
        catch (KeyTermsException refused)
        {
            throw new AdministrationException(refused.Param == "expires_at" ? "--expires must be in the future." : refused.Message);
        }
    }

    /// <summary>An account with its first key, or neither.</summary>
    /// <exception cref="AdministrationException">The name is taken, or none.</exception>
    public async Task<IssuedKey> OpenAccountAsync(string name, string accountKind, string keyKind, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var account = accounts.Add(billing, name, accountKind);
        var issued = keys.Add(billing, account, keyKind, new KeyTerms());
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
        return (await keys.RevokeAsync(key.AccountId, keyId, cancellationToken))!.Value.Now;
    }
}
