using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Administration;

[Trait("Category", "Integration")]
public sealed class KeyCommandTests(BillingFixture fixture)
{
    private readonly AdminConsole _console = new(fixture.Billing.ConnectionString);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_ForAConsumer_PrintsTheKeyAloneAndStoresItsHashOnly()
    {
        var account = await _console.OutputOfAsync("account", "create", "key-owner", "--kind", "consumer");

        var key = await _console.OutputOfAsync(
            "key", "create", "key-owner", "--name", "the website", "--expires", "2999-12-31", "--models", "auto,computeshare/tiny");

        Assert.True(ApiKey.IsWellFormed(key, ApiKey.ConsumerPrefix));
        var record = await FindAsync(key);
        Assert.Equal((account, KeyKind.Consumer, 2UL), (record!.AccountId, record.Kind, record.KeyVersion));
        Assert.Equal(["auto", "computeshare/tiny"], record.AllowedModels);
        await using var billing = await fixture.Billing.OpenDatabaseAsync(Token);
        var stored = await billing.ApiKeys.SingleAsync(stored => stored.AccountId == account, Token);
        Assert.Equal(ApiKey.Hash(key), stored.Hash);
        Assert.Equal(("the website", new DateTimeOffset(2999, 12, 31, 0, 0, 0, TimeSpan.Zero)), (stored.Name, stored.Expires));

        var list = await _console.OutputOfAsync("key", "list", "key-owner");
        Assert.Contains(record.KeyId, list, StringComparison.Ordinal);
        Assert.Contains("the website", list, StringComparison.Ordinal);
        Assert.DoesNotContain(key, list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_WithAPolicy_GoesBeforeItsAccounts()
    {
        await _console.OutputOfAsync("account", "create", "two-policies", "--kind", "consumer");
        await _console.OutputOfAsync("account", "policy", "two-policies", "price");

        var own = await _console.OutputOfAsync("key", "create", "two-policies", "--policy", "quality");
        var plain = await _console.OutputOfAsync("key", "create", "two-policies");

        Assert.Equal(("quality", "price"), ((await FindAsync(own))!.Policy, (await FindAsync(plain))!.Policy));
    }

    [Theory]
    [InlineData("consumer", "management", ApiKey.ManagementPrefix)]
    [InlineData("hoster", "management", ApiKey.ManagementPrefix)]
    [InlineData("hoster", null, ApiKey.HosterPrefix)]
    public async Task Create_OfAKind_HasItsPrefix(string accountKind, string? keyKind, string prefix)
    {
        var account = await _console.OutputOfAsync("account", "create", $"{accountKind}-of-{keyKind}", "--kind", accountKind);

        string[] kind = keyKind is null ? [] : ["--kind", keyKind];
        var key = await _console.OutputOfAsync(["key", "create", account, .. kind]);

        Assert.True(ApiKey.IsWellFormed(key, prefix));
    }

    [Fact]
    public async Task Create_ConsumerKeyForAHoster_IsRefused()
    {
        await _console.OutputOfAsync("account", "create", "only-hoster", "--kind", "hoster");

        var answer = await _console.RunAsync("key", "create", "only-hoster", "--kind", "consumer");

        Assert.Equal(new Answer(1, "", "Billing admin: only-hoster is a hoster's account: it can have no consumer key."), answer);
    }

    [Fact]
    public async Task Create_ForThePlatform_IsRefused() =>
        Assert.Equal(1, (await _console.RunAsync("key", "create", "platform", "--kind", "management")).Code);

    [Fact]
    public async Task Create_ExpiryInThePast_IsRefused()
    {
        await _console.OutputOfAsync("account", "create", "late", "--kind", "consumer");

        var answer = await _console.RunAsync("key", "create", "late", "--expires", "2020-01-01T10:00:00Z");

        Assert.Equal(new Answer(1, "", "Billing admin: --expires must be in the future."), answer);
    }

    [Fact]
    public async Task Create_ExpiryThatIsNoDate_IsMisuse() =>
        Assert.Equal(2, (await _console.RunAsync("key", "create", "late", "--expires", "tomorrow")).Code);

    [Fact]
    public async Task Revoke_LivingKey_EndsItOnceAndRaisesTheKeyVersion()
    {
        await _console.OutputOfAsync("account", "create", "revoked", "--kind", "consumer");
        var revoked = await _console.OutputOfAsync("key", "create", "revoked");
        var kept = await _console.OutputOfAsync("key", "create", "revoked");
        var id = (await FindAsync(revoked))!.KeyId;

        await _console.OutputOfAsync("key", "revoke", id);
        var again = await _console.OutputOfAsync("key", "revoke", id);

        Assert.Null(await FindAsync(revoked));
        Assert.Equal(4UL, (await FindAsync(kept))!.KeyVersion);
        Assert.Contains("was revoked before", again, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoke_UnknownKey_IsRefused()
    {
        var answer = await _console.RunAsync("key", "revoke", "no-key");

        Assert.Equal((1, ""), (answer.Code, answer.Output));
        Assert.StartsWith("Billing admin: There is no key no-key", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HosterCreate_NewName_OpensTheAccountAndPrintsItsKeyAlone()
    {
        var key = await _console.OutputOfAsync("hoster", "create", "gpu-farm");

        Assert.True(ApiKey.IsWellFormed(key, ApiKey.HosterPrefix));
        Assert.Equal(KeyKind.Hoster, (await FindAsync(key))!.Kind);
        Assert.Equal(
            new Answer(1, "", "Billing admin: There is an account gpu-farm already."), await _console.RunAsync("hoster", "create", "gpu-farm"));
    }

    private Task<KeyRecord?> FindAsync(string key) =>
        fixture.Billing.Services.GetRequiredService<KeyRegister>().FindAsync(ApiKey.Hash(key), Token);
}
