using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Setup;

/// <summary>
/// A consumer with some credit and a hoster, so that a first request works. Run again it changes nothing, but for another key: that one
/// then replaces the old.
/// </summary>
internal sealed class DemoSeed(
    IDbContextFactory<BillingDbContext> database, TopUp topUp, IOptions<DemoOptions> options, TimeProvider clock, ILogger<DemoSeed> logger)
{
    public const string ConsumerName = "demo";
    public const string HosterName = "demo-hoster";

    public static readonly Money Credit = Money.FromDollars(10);

    // A name for the one top-up: the unique key of the ledger lets it happen once.
    private const string CreditId = "00000000000070008000000000000001";

    /// <exception cref="SetupException">The configured keys are none.</exception>
    public async Task SeedAsync(CancellationToken cancellationToken)
    {
        var key = options.Value.ApiKey;
        if (key.Length == 0)
        {
            SetupLog.NoDemo(logger);
            return;
        }

        Check("Demo:ApiKey", "consumer", key, ApiKey.ConsumerPrefix);
        var hosterKey = options.Value.HosterKey;
        if (hosterKey.Length > 0)
        {
            Check("Demo:HosterKey", "hoster", hosterKey, ApiKey.HosterPrefix);
        }

        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var consumer = await AccountAsync(billing, ConsumerName, AccountKinds.Consumer, cancellationToken);
        var hoster = await AccountAsync(billing, HosterName, AccountKinds.Hoster, cancellationToken);
        await GiveKeyAsync(billing, consumer, KeyKinds.Consumer, ApiKey.Hash(key), cancellationToken);
        if (hosterKey.Length > 0)
        {
            await GiveKeyAsync(billing, hoster, KeyKinds.Hoster, ApiKey.Hash(hosterKey), cancellationToken);
        }

        await billing.SaveChangesAsync(cancellationToken);

        _ = RequestId.TryParse(CreditId, out var creditId);
        await topUp.BookAsync(creditId, consumer.Id, Credit, cancellationToken);
    }

    private static void Check(string setting, string kind, string key, string prefix)
    {
        if (!ApiKey.IsWellFormed(key, prefix))
        {
            throw new SetupException($"{setting} must be a {kind} key: {prefix} and 38 characters, the last six a checksum.");
        }
    }

    private async Task<AccountRow> AccountAsync(BillingDbContext billing, string name, string kind, CancellationToken cancellationToken)
    {
        var account = await billing.Accounts.SingleOrDefaultAsync(account => account.Name == name, cancellationToken);
        if (account is null)
        {
            account = new AccountRow { Id = RowIds.New(clock), Kind = kind, Name = name };
            billing.Accounts.Add(account);
        }

        return account;
    }

    private async Task GiveKeyAsync(BillingDbContext billing, AccountRow account, string kind, byte[] hash, CancellationToken cancellationToken)
    {
        var keys = await billing.ApiKeys.Where(key => key.AccountId == account.Id).ToListAsync(cancellationToken);
        var wanted = keys.Find(key => key.Hash.AsSpan().SequenceEqual(hash));
        if (wanted is { Revoked: null } && keys.TrueForAll(key => key == wanted || key.Revoked is not null))
        {
            return;
        }

        foreach (var old in keys.Where(key => key != wanted && key.Revoked is null))
        {
            old.Revoked = clock.GetUtcNow();
        }

        if (wanted is null)
        {
            billing.ApiKeys.Add(new ApiKeyRow { Id = RowIds.New(clock), AccountId = account.Id, Kind = kind, Hash = hash });
        }
        else
        {
            wanted.Revoked = null;
        }

        account.KeyVersion++;
    }
}
