using ComputeShare.Billing.Generations;
using ComputeShare.Billing.Partitions;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ComputeShare.Billing.Tests.Partitions;

/// <summary>The large tables lie in months of request ids, and every month keeps the ledger's rules by itself.</summary>
[Trait("Category", "Integration")]
public sealed class PartitionTests(BillingFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Worker_MonthsThatAreMissing_AreMadeOnce()
    {
        await using var billing = await RunningBilling.StartAsync(fixture.Postgres, Token, ("Partitions:MonthsAhead", "6"));
        var maker = billing.Services.GetRequiredService<PartitionMaker>();

        // The service's own worker may come first; what it makes is there, and nothing is made twice.
        await maker.MakeAsync(Token);

        var again = await maker.MakeAsync(Token);
        Assert.Empty(again.Made);
        Assert.Equal(0, again.Strays);
        foreach (var table in new[] { "ledger_transactions", "ledger_entries", "generations" })
        {
            // Seven months, what was before, and strays.
            Assert.Equal(9, await ScalarAsync(billing, $"SELECT count(*) FROM pg_inherits WHERE inhparent = '{table}'::regclass"));
        }
    }

    [Fact]
    public async Task Settlement_ByTheTimeOfItsRequestId_LiesInItsMonthOnce()
    {
        var billing = fixture.Billing;
        var account = await billing.NewConsumerAsync(1000, Token);
        var offer = await billing.NewOfferAsync(new TokenPrice(0, 0, 1_000_000), Token);
        var now = TimeProvider.System.GetUtcNow();
        var (old, recent, wrong) = (IdAt(now.AddYears(-2)), IdAt(now), IdAt(now.AddYears(20)));
        foreach (var request in new[] { old, recent, wrong })
        {
            var settle = Commands.Settle(request, account, Commands.Share(offer, 0, 7));
            Assert.False((await billing.AnswerAsync(settle, Token)).Settled.Duplicate);
            Assert.True((await billing.AnswerAsync(settle, Token)).Settled.Duplicate);
        }

        Assert.Equal("ledger_entries_before", await TableOfAsync(billing, old));
        Assert.Equal($"ledger_entries_{now:yyyy_MM}", await TableOfAsync(billing, recent));
        Assert.Equal("ledger_entries_default", await TableOfAsync(billing, wrong));
        Assert.True((await billing.Services.GetRequiredService<PartitionMaker>().MakeAsync(Token)).Strays > 0);
        Assert.Equal(979, (await billing.FundsAsync(account, Token)).Balance);
    }

    [Theory]
    [InlineData("UPDATE {0} SET kind = 'topup'")]
    [InlineData("DELETE FROM {0}")]
    [InlineData("TRUNCATE {0}")]
    public async Task Database_ChangeOfAPartition_IsRefused(string sql)
    {
        var month = $"{TimeProvider.System.GetUtcNow():yyyy_MM}";
        foreach (var table in new[] { $"ledger_entries_{month}", $"ledger_transactions_{month}", "ledger_entries_default", "ledger_transactions_before" })
        {
            var error = await Assert.ThrowsAsync<PostgresException>(() =>
                fixture.Billing.ExecuteAsync(sql.Replace("{0}", table, StringComparison.Ordinal), Token));

            Assert.Equal(PostgresErrorCodes.RestrictViolation, error.SqlState);
        }
    }

    [Theory]
    [InlineData(-5, 4, PostgresErrorCodes.CheckViolation)]
    [InlineData(-5, 5, PostgresErrorCodes.ForeignKeyViolation)]
    public async Task Database_EntriesWrittenPastTheParentTable_AreChecked(long first, long second, string refusal)
    {
        var request = IdAt(TimeProvider.System.GetUtcNow());
        var month = $"{TimeProvider.System.GetUtcNow():yyyy_MM}";

        // Of no transaction, so that even balanced ones are refused.
        var error = await Assert.ThrowsAsync<PostgresException>(() => fixture.Billing.ExecuteAsync(
            $"""
            INSERT INTO ledger_entries_{month} (request_id, kind, position, account_id, book, amount)
            VALUES ('{request}', 'settle', 0, 'platform', 'platform:fee', {first}), ('{request}', 'settle', 1, 'platform', 'platform:loss', {second})
            """,
            Token));

        Assert.Equal(refusal, error.SqlState);
    }

    [Fact]
    public async Task Sweep_MonthWhoseLastDayIsOlderThanTheRetention_IsDroppedAndItsLedgerStays()
    {
        await using var billing = await RunningBilling.StartAsync(fixture.Postgres, Token);
        await billing.ExecuteAsync(
            """
            ALTER TABLE generations DETACH PARTITION generations_before;
            ALTER TABLE generations_before RENAME TO generations_of_old;
            SELECT make_partition('generations', 'before', format('FOR VALUES FROM (MINVALUE) TO (%L)', request_id_at('2020-01-01 00:00:00Z')));
            SELECT make_partition('generations', '2020_01',
                format('FOR VALUES FROM (%L) TO (%L)', request_id_at('2020-01-01 00:00:00Z'), request_id_at('2020-02-01 00:00:00Z')));
            """,
            Token);
        var account = await billing.NewConsumerAsync(1000, Token);
        var offer = await billing.NewOfferAsync(new TokenPrice(0, 0, 1_000_000), Token);
        var request = IdAt(new DateTimeOffset(2020, 1, 31, 23, 59, 59, TimeSpan.Zero));
        Assert.NotNull((await billing.AnswerAsync(Commands.Settle(request, account, Commands.Share(offer, 0, 7)), Token)).Settled);
        Assert.Equal(1, await ScalarAsync(billing, "SELECT count(*) FROM generations_2020_01"));

        var swept = await billing.Services.GetRequiredService<GenerationSweep>().SweepAsync(Token);

        Assert.Equal(["generations_2020_01"], swept.Months);
        Assert.Equal(-7, await billing.EntriesOfAsync(request, "consumer:balance", Token));
    }

    private static async Task<string> TableOfAsync(RunningBilling billing, string request)
    {
        await using var command = billing.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            $"SELECT DISTINCT tableoid::regclass::text FROM ledger_entries WHERE request_id = '{request}'");
        return (string)(await command.ExecuteScalarAsync(Token))!;
    }

    private static async Task<long> ScalarAsync(RunningBilling billing, string sql)
    {
        await using var command = billing.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    private static string IdAt(DateTimeOffset moment) => Guid.CreateVersion7(moment).ToString("N");
}
