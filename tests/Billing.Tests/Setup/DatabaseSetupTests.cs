using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Nodes;
using ComputeShare.Billing.Setup;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.TestSupport.Processes;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ComputeShare.Billing.Tests.Setup;

[Trait("Category", "Integration")]
public sealed class DatabaseSetupTests(BillingFixture fixture)
{
    private const string Development = "Development";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Setup_Twice_ChangesNothing()
    {
        var database = await fixture.Postgres.CreateDatabaseAsync(Token);
        var key = ApiKey.Create(ApiKey.ConsumerPrefix);
        await RunningBilling.SetUpAsync(database, Token, Development, ("Demo:ApiKey", key));
        var first = await DemoAsync(database, key);

        await RunningBilling.SetUpAsync(database, Token, Development, ("Demo:ApiKey", key));

        Assert.Equal(first, await DemoAsync(database, key));
        Assert.Equal(DemoSeed.Credit.NanoDollars, first!.Value.Balance);
    }

    [Fact]
    public async Task Setup_SeveralAtOnce_AllSucceed()
    {
        var database = await fixture.Postgres.CreateDatabaseAsync(Token);

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RunningBilling.SetUpAsync(database, Token)));

        await using var billing = await RunningBilling.StartOnAsync(database, Token);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(billing));
    }

    [Fact]
    public async Task Setup_AnotherDemoKey_ReplacesTheOldOne()
    {
        var database = await fixture.Postgres.CreateDatabaseAsync(Token);
        var (old, changed) = (ApiKey.Create(ApiKey.ConsumerPrefix), ApiKey.Create(ApiKey.ConsumerPrefix));
        await RunningBilling.SetUpAsync(database, Token, Development, ("Demo:ApiKey", old));
        var before = await DemoAsync(database, old);

        await RunningBilling.SetUpAsync(database, Token, Development, ("Demo:ApiKey", changed));

        Assert.Null(await DemoAsync(database, old));
        var after = await DemoAsync(database, changed);
        Assert.Equal(before!.Value.Account, after!.Value.Account);
        Assert.Equal(before.Value.Balance, after.Value.Balance);
        Assert.True(after.Value.KeyVersion > before.Value.KeyVersion);

        await RunningBilling.SetUpAsync(database, Token, Development, ("Demo:ApiKey", old));
        Assert.NotNull(await DemoAsync(database, old));
        Assert.Null(await DemoAsync(database, changed));
    }

    [Fact]
    public async Task Setup_OutsideDevelopment_MakesNoDemoAccount()
    {
        var database = await fixture.Postgres.CreateDatabaseAsync(Token);
        var key = ApiKey.Create(ApiKey.ConsumerPrefix);

        await RunningBilling.SetUpAsync(database, Token, "Production", ("Demo:ApiKey", key));

        Assert.Null(await DemoAsync(database, key));
    }

    [Fact]
    public async Task Setup_JunkAsDemoKey_IsRefusedWithoutRepeatingIt()
    {
        var database = await fixture.Postgres.CreateDatabaseAsync(Token);

        var refused = await Assert.ThrowsAsync<SetupException>(() =>
            RunningBilling.SetUpAsync(database, Token, Development, ("Demo:ApiKey", "ngk_junk")));

        Assert.Contains("Demo:ApiKey", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("junk", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setup_DemoHosterKey_LetsItsNodesRegister()
    {
        var database = await fixture.Postgres.CreateDatabaseAsync(Token);
        var key = ApiKey.Create(ApiKey.HosterPrefix);

        await RunningBilling.SetUpAsync(
            database, Token, Development, ("Demo:ApiKey", ApiKey.Create(ApiKey.ConsumerPrefix)), ("Demo:HosterKey", key));

        await using var billing = await RunningBilling.StartOnAsync(database, Token);
        var request = new RegisterNodeRequest { NodeId = "gpu-1", HosterKeyHash = ByteString.CopyFrom(ApiKey.Hash(key)) };
        var registered = await billing.Services.GetRequiredService<NodeRegistrar>().RegisterAsync(request, Token);
        Assert.Equal(DemoSeed.HosterName, registered.HosterName);
    }

    [Fact]
    public async Task Setup_JunkAsDemoHosterKey_NamesTheSetting()
    {
        var database = await fixture.Postgres.CreateDatabaseAsync(Token);
        var key = ApiKey.Create(ApiKey.ConsumerPrefix);

        var refused = await Assert.ThrowsAsync<SetupException>(() =>
            RunningBilling.SetUpAsync(database, Token, Development, ("Demo:ApiKey", key), ("Demo:HosterKey", key)));

        Assert.Contains("Demo:HosterKey", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setup_DatabaseThatIsNotThere_IsMade()
    {
        var database = (await fixture.Postgres.CreateDatabaseAsync(Token))
            .Replace("Database=", "Database=made_by_setup_", StringComparison.Ordinal);

        await RunningBilling.SetUpAsync(database, Token);

        await using var billing = await RunningBilling.StartOnAsync(database, Token);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(billing));
    }

    [Fact]
    public async Task Setup_PostgresAway_SaysSoAfterTheWait()
    {
        var database = $"Host=127.0.0.1;Port={LoopbackPorts.TakeFree()};Username=a;Password=the-password;Database=a";

        var refused = await Assert.ThrowsAsync<SetupException>(() =>
            RunningBilling.SetUpAsync(database, Token, Development, ("Migration:WaitForDatabase", "00:00:01")));

        Assert.Contains("does not answer after 1 s", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("the-password", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setup_WrongPassword_SaysSoAtOnce()
    {
        var database = (await fixture.Postgres.CreateDatabaseAsync(Token)) + ";Password=wrong";

        var refused = await Assert.ThrowsAsync<SetupException>(() => RunningBilling.SetUpAsync(database, Token));

        Assert.Contains("refuses the user", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_SchemaOlderThanTheCode_IsUnhealthyUntilItIsMigrated()
    {
        var database = await fixture.Postgres.CreateDatabaseAsync(Token);
        await using var billing = await RunningBilling.StartOnAsync(database, Token);
        Assert.Equal(HealthStatus.Unhealthy, await HealthAsync(billing));

        await RunningBilling.SetUpAsync(database, Token);

        Assert.Equal(HealthStatus.Healthy, await HealthAsync(billing));
    }

    [Fact]
    public async Task Model_AndMigrations_AreTheSame()
    {
        await using var billing = await fixture.Billing.OpenDatabaseAsync(Token);

        Assert.False(billing.Database.HasPendingModelChanges());
    }

    private static async Task<(string Account, ulong KeyVersion, long Balance)?> DemoAsync(string database, string key)
    {
        await using var billing = await RunningBilling.StartOnAsync(database, Token);
        var record = await billing.Services.GetRequiredService<KeyRegister>().FindAsync(ApiKey.Hash(key), Token);
        if (record is null)
        {
            return null;
        }

        Assert.Equal(-DemoSeed.Credit.NanoDollars, await billing.SumAsync(PlatformAccount.Id, Books.PlatformTopUp, Token));
        return (record.AccountId, record.KeyVersion, (await billing.FundsAsync(record.AccountId, Token)).Balance);
    }

    private static async Task<HealthStatus> HealthAsync(RunningBilling billing) =>
        (await billing.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token)).Status;
}
