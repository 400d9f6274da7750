using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Google.Protobuf.Collections;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace ComputeShare.Billing.Keys;

/// <summary>
/// Makes, changes and ends an account's keys, each in one transaction that first raises the account's key version: gateways hear of the
/// change by it, and the account is locked until the end, so that spend caps change between holds and settlements.
/// </summary>
internal sealed class KeyWriter(IDbContextFactory<BillingDbContext> database, TimeProvider clock)
{
    /// <summary>Null: there is no such account.</summary>
    /// <param name="kind">Null: the account's own.</param>
    /// <exception cref="KeyTermsException">The account can have no such key.</exception>
    public async Task<IssuedKey?> CreateAsync(string accountId, string? kind, KeyTerms terms, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        await using var transaction = await BeginAsync(billing, accountId, cancellationToken);
        var account = await billing.Accounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == accountId, cancellationToken);
        if (account is null)
        {
            return null;
        }

        var issued = Add(billing, account, kind ?? account.Kind, terms);
        await SaveAsync(billing, issued.Key, terms, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return issued;
    }

    /// <summary>A key to be saved with its account. For a key with spend caps, <see cref="CreateAsync"/>.</summary>
    public IssuedKey Add(BillingDbContext billing, AccountRow account, string kind, KeyTerms terms)
    {
        if (account.Kind == AccountKinds.Platform)
        {
            throw new KeyTermsException("The platform's own account has no keys.", "account");
        }

        if (kind != KeyKinds.Management && kind != account.Kind)
        {
            throw new KeyTermsException($"{account.Name} is a {account.Kind}'s account: it can have no {kind} key.", "kind");
        }

        var text = ApiKey.Create(KeyKinds.Prefix(kind));
        var key = new ApiKeyRow { Id = RowIds.New(clock), AccountId = account.Id, Kind = kind, Hash = ApiKey.Hash(text) };
        key.Take(terms);
        billing.ApiKeys.Add(key);
        return new IssuedKey(key, account.Name, text);
    }

    /// <summary>Null: the account has no such living key.</summary>
    /// <exception cref="KeyTermsException">The terms cannot be had.</exception>
    public async Task<ApiKeyRow?> ChangeAsync(string accountId, string keyId, KeyTerms terms, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        await using var transaction = await BeginAsync(billing, accountId, cancellationToken);
        if (await FindAsync(billing, accountId, keyId, cancellationToken) is not { Revoked: null } key)
        {
            return null;
        }

        key.Take(terms);
        await SaveAsync(billing, key, terms, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return key;
    }

    /// <summary>Null: the account has no such living key.</summary>
    /// <param name="grace">How long the old text stays good.</param>
    public async Task<IssuedKey?> RotateAsync(string accountId, string keyId, TimeSpan grace, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        await using var transaction = await BeginAsync(billing, accountId, cancellationToken);
        if (await FindAsync(billing, accountId, keyId, cancellationToken) is not { Revoked: null } key)
        {
            return null;
        }

        var text = ApiKey.Create(KeyKinds.Prefix(key.Kind));
        key.PreviousHash = grace > TimeSpan.Zero ? key.Hash : null;
        key.PreviousUntil = grace > TimeSpan.Zero ? await NowAsync(billing, cancellationToken) + grace : null;
        key.Hash = ApiKey.Hash(text);
        await billing.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new IssuedKey(key, "", text);
    }

    /// <summary>Null: the account has no such key. A key that was revoked before stays as it is.</summary>
    public async Task<(ApiKeyRow Key, bool Now)?> RevokeAsync(string accountId, string keyId, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        await using var transaction = await BeginAsync(billing, accountId, cancellationToken);
        if (await FindAsync(billing, accountId, keyId, cancellationToken) is not { } key)
        {
            return null;
        }

        if (key.Revoked is not null)
        {
            return (key, false);
        }

        key.Revoked = await NowAsync(billing, cancellationToken);
        await billing.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (key, true);
    }

    private static async Task<IDbContextTransaction> BeginAsync(BillingDbContext billing, string accountId, CancellationToken cancellationToken)
    {
        var transaction = await billing.Database.BeginTransactionAsync(cancellationToken);
        await billing.Database.ExecuteSqlAsync(
            $"UPDATE accounts SET key_version = key_version + 1 WHERE id = {accountId}", cancellationToken);
        return transaction;
    }

    private static Task<ApiKeyRow?> FindAsync(BillingDbContext billing, string accountId, string keyId, CancellationToken cancellationToken) =>
        billing.ApiKeys.SingleOrDefaultAsync(key => key.Id == keyId && key.AccountId == accountId, cancellationToken);

    // Expiry is decided by PostgreSQL's clock, so this is too.
    private static Task<DateTimeOffset> NowAsync(BillingDbContext billing, CancellationToken cancellationToken) =>
        billing.Database.SqlQuery<DateTimeOffset>($"SELECT now() AS \"Value\"").SingleAsync(cancellationToken);

    private static async Task SaveAsync(BillingDbContext billing, ApiKeyRow key, KeyTerms terms, CancellationToken cancellationToken)
    {
        if (terms.HasExpiresAt && key.Expires <= await NowAsync(billing, cancellationToken))
        {
            throw new KeyTermsException("A key's end must be in the future.", "expires_at");
        }

        await billing.SaveChangesAsync(cancellationToken);
        if (terms.SpendCaps is { Caps: var caps })
        {
            await PutCapsAsync(billing, key, caps, cancellationToken);
        }
    }

    private static async Task PutCapsAsync(
        BillingDbContext billing, ApiKeyRow key, RepeatedField<SpendCap> caps, CancellationToken cancellationToken)
    {
        var windows = caps.Select(cap => cap.Window).ToArray();
        if (key.Kind != KeyKinds.Consumer && caps.Count > 0)
        {
            throw new KeyTermsException("Only consumers' keys spend.", "spend_caps");
        }

        if (windows.Distinct().Count() < windows.Length || windows.Except(SpendWindows.All).Any() || caps.Any(cap => cap.Amount < 0))
        {
            throw new KeyTermsException($"Spend caps have one amount per window, of {string.Join(", ", SpendWindows.All)}.", "spend_caps");
        }

        var amounts = caps.Select(cap => cap.Amount).ToArray();
        var connection = (NpgsqlConnection)billing.Database.GetDbConnection();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(SpendCapSql.RemoveOthers) { Parameters = { Value(key.Id), Value(windows) } },
                new NpgsqlBatchCommand(SpendCapSql.Put) { Parameters = { Value(key.Id), Value(key.AccountId), Value(windows), Value(amounts) } },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };
}

/// <summary>A key as it is handed over. A class, because a record's text would print the key.</summary>
internal sealed class IssuedKey(ApiKeyRow key, string account, string text)
{
    public ApiKeyRow Key => key;

    public string Id => key.Id;

    public string Account => account;

    public string Text => text;
}
