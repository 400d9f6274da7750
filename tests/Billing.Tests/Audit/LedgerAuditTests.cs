using ComputeShare.Billing.Audit;
using ComputeShare.Billing.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ComputeShare.Billing.Tests.Audit;

[Trait("Category", "Integration")]
public sealed class LedgerAuditTests(BillingFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Audit_BalanceChangedWithoutAnEntry_IsFoundAndHealthIsDegradedUntilItIsRight()
    {
        await using var billing = await RunningBilling.StartAsync(fixture.Postgres, Token);
        var account = await billing.NewConsumerAsync(100, Token);
        var worker = billing.Services.GetRequiredService<AuditWorker>();
        await worker.RunOnceAsync(Token);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(billing));

        await billing.ExecuteAsync($"UPDATE accounts SET balance = balance + 1 WHERE id = '{account}'", Token);
        Assert.Equal(new AuditReport(0, 0, 1, 0), await AuditAsync(billing));
        await worker.RunOnceAsync(Token);
        Assert.Equal(HealthStatus.Degraded, await HealthAsync(billing));

        await billing.ExecuteAsync($"UPDATE accounts SET balance = balance - 1 WHERE id = '{account}'", Token);
        await worker.RunOnceAsync(Token);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(billing));
    }

    [Fact]
    public async Task Audit_HeldWithoutAHold_IsFound()
    {
        await using var billing = await RunningBilling.StartAsync(fixture.Postgres, Token);
        var account = await billing.NewConsumerAsync(100, Token);

        await billing.ExecuteAsync($"UPDATE accounts SET held = 3 WHERE id = '{account}'", Token);

        Assert.Equal(new AuditReport(0, 0, 0, 1), await AuditAsync(billing));
    }

    [Fact]
    public async Task Audit_EntriesForcedInAgainstTheGuards_AreFound()
    {
        await using var billing = await RunningBilling.StartAsync(fixture.Postgres, Token);
        var account = await billing.NewConsumerAsync(100, Token);

        await billing.ExecuteAsync(
            $"""
            ALTER TABLE ledger_entries DISABLE TRIGGER balanced;
            INSERT INTO ledger_entries (request_id, kind, position, account_id, book, amount)
            SELECT request_id, kind, 9, account_id, book, 5 FROM ledger_entries WHERE account_id = '{account}';
            """,
            Token);

        Assert.Equal(new AuditReport(5, 1, 1, 0), await AuditAsync(billing));
    }

    private static Task<AuditReport> AuditAsync(RunningBilling billing) =>
        billing.Services.GetRequiredService<LedgerAudit>().RunAsync(Token);

    private static async Task<HealthStatus> HealthAsync(RunningBilling billing) =>
        (await billing.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token)).Status;
}
