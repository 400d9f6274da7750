using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Keys;

[Trait("Category", "Integration")]
public sealed class KeyRegisterTests(BillingFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    [Fact]
    public async Task Find_LivingKey_TellsWhoseItIsAndWhatItMay()
    {
        var account = await Billing.NewConsumerAsync(100, Token);
        await Billing.ExecuteAsync(
            $"""
            UPDATE accounts SET parallel_requests = 3, requests_per_minute = 60, policy = 'cheap', key_version = 7
            WHERE id = '{account}'
            """,
            Token);
        var (id, hash) = await NewKeyAsync(account, KeyKinds.Consumer, allowedModels: ["tiny"]);

        var record = await FindAsync(hash);

        Assert.Equal(
            new KeyRecord
            {
                KeyId = id,
                AccountId = account,
                Kind = KeyKind.Consumer,
                KeyVersion = 7,
                HasCredit = true,
                Limits = new KeyLimits { ParallelRequests = 3, RequestsPerMinute = 60 },
                AllowedModels = { "tiny" },
                Policy = "cheap",
            },
            record);
    }

    [Fact]
    public async Task Find_AccountWhoseMoneyIsAllHeld_HasCreditForTheHoldDecides()
    {
        var account = await Billing.NewConsumerAsync(100, Token);
        var (_, hash) = await NewKeyAsync(account, KeyKinds.Consumer);
        var offer = await Billing.NewOfferAsync(new TokenPrice(0, 0, 1_000_000), Token);
        await Billing.AnswerAsync(Commands.Hold(Commands.NewRequest(), account, offer, 0, 100), Token);

        Assert.True((await FindAsync(hash))!.HasCredit);
        Assert.Equal((100, 100), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Find_AccountThatHasSpentAll_HasNoCredit()
    {
        var (_, hash) = await NewKeyAsync(await Billing.NewConsumerAsync(0, Token), KeyKinds.Consumer);

        Assert.False((await FindAsync(hash))!.HasCredit);
    }

    [Fact]
    public async Task Find_KeyOfAHoster_IsOne()
    {
        var (_, hash) = await NewKeyAsync(await Billing.NewAccountAsync(AccountKinds.Hoster, Token), KeyKinds.Hoster);

        var record = await FindAsync(hash);

        Assert.Equal(KeyKind.Hoster, record!.Kind);
        Assert.False(record.HasCredit);
    }

    [Fact]
    public async Task Find_RevokedExpiredOrUnknownKey_IsNotThere()
    {
        var account = await Billing.NewConsumerAsync(100, Token);
        var (revoked, revokedHash) = await NewKeyAsync(account, KeyKinds.Consumer);
        var (expired, expiredHash) = await NewKeyAsync(account, KeyKinds.Consumer);
        await Billing.ExecuteAsync($"UPDATE api_keys SET revoked = now() WHERE id = '{revoked}'", Token);
        await Billing.ExecuteAsync($"UPDATE api_keys SET expires = now() WHERE id = '{expired}'", Token);

        Assert.Null(await FindAsync(revokedHash));
        Assert.Null(await FindAsync(expiredHash));
        Assert.Null(await FindAsync(ApiKey.Hash(ApiKey.Create(ApiKey.ConsumerPrefix))));
        Assert.Null(await FindAsync([]));
    }

    private Task<KeyRecord?> FindAsync(byte[] hash) => Billing.Services.GetRequiredService<KeyRegister>().FindAsync(hash, Token);

    private async Task<(string Id, byte[] Hash)> NewKeyAsync(string account, string kind, string[]? allowedModels = null)
    {
        var key = new ApiKeyRow
        {
            Id = RowIds.New(TimeProvider.System),
            AccountId = account,
            Kind = kind,
            Hash = ApiKey.Hash(ApiKey.Create(ApiKey.ConsumerPrefix)),
            AllowedModels = allowedModels ?? [],
        };
        await using var billing = await Billing.OpenDatabaseAsync(Token);
        billing.ApiKeys.Add(key);
        await billing.SaveChangesAsync(Token);
        return (key.Id, key.Hash);
    }
}
