using ComputeShare.Billing.Audit;
using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Nodes;
using ComputeShare.Billing.Persistence;
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
    public async Task Setup_LedgerFromBeforeItsPartitions_IsKept()
    {
        var database = await fixture.Postgres.CreateDatabaseAsync(Token);
        await using (var before = new BillingDbContext(new DbContextOptionsBuilder<BillingDbContext>().UseNpgsql(database).Options))
        {
            await before.Database.MigrateAsync("KeysCapsAndUsage", Token);
            await before.Database.ExecuteSqlRawAsync(
                """
                INSERT INTO accounts (id, kind, name, balance, held, key_version, parallel_requests, requests_per_minute, tokens_per_minute, policy)
                VALUES ('c', 'consumer', 'c', 90, 0, 1, 0, 0, 0, ''), ('h', 'hoster', 'h', 0, 0, 1, 0, 0, 0, '');
                INSERT INTO ledger_transactions (request_id, kind, reference) VALUES
                    ('00000000-0000-7000-8000-000000000002', 'topup', 'paid'), ('019a0000-0000-7000-8000-000000000001', 'settle', NULL);
                INSERT INTO ledger_entries (transaction_id, position, account_id, book, amount)
                SELECT t.id, e.* FROM ledger_transactions t, (VALUES (3, 'c', 'consumer:balance', 100), (5, 'platform', 'platform:topup', -100)) AS e
                WHERE t.kind = 'topup';
                INSERT INTO ledger_entries (transaction_id, position, account_id, book, amount)
                SELECT t.id, e.* FROM ledger_transactions t, (VALUES (0, 'c', 'consumer:balance', -10), (1, 'h', 'hoster:escrow', 10)) AS e
                WHERE t.kind = 'settle';
                INSERT INTO generations (request_id, account_id, status, record, shares, amount)
                VALUES ('019a0000-0000-7000-8000-000000000001', 'c', 1, jsonb_build_object(), jsonb_build_array(), 10);
                """,
                Token);
        }

        await RunningBilling.SetUpAsync(database, Token);

        await using var billing = await RunningBilling.StartOnAsync(database, Token);
        Assert.Equal(new AuditReport(0, 0, 0, 0), await billing.Services.GetRequiredService<LedgerAudit>().RunAsync(Token));
        Assert.Equal(-10, await billing.EntriesOfAsync("019a0000000070008000000000000001", "consumer:balance", Token));
        Assert.Equal((90, 0), await billing.FundsAsync("c", Token));
        await using var now = await billing.OpenDatabaseAsync(Token);
        Assert.Equal("paid", (await now.LedgerTransactions.SingleAsync(transaction => transaction.Kind == "topup", Token)).Reference);
        Assert.Equal(10, (await now.Generations.SingleAsync(Token)).Amount);
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

    [Fact]
    public async Task Health_LooksForTheNewestMigration()
    {
        await using var billing = await fixture.Billing.OpenDatabaseAsync(Token);

        Assert.Equal(SchemaHealthCheck.NewestMigration, billing.Database.GetMigrations().Last());
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
