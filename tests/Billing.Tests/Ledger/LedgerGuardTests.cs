using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using Npgsql;

namespace ComputeShare.Billing.Tests.Ledger;

/// <summary>The database keeps the ledger's rules against any writer.</summary>
[Trait("Category", "Integration")]
public sealed class LedgerGuardTests(BillingFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    [Theory]
    [InlineData("UPDATE ledger_entries SET amount = 1")]
    [InlineData("DELETE FROM ledger_entries")]
    [InlineData("TRUNCATE ledger_entries")]
    [InlineData("UPDATE ledger_transactions SET kind = 'topup'")]
    [InlineData("DELETE FROM ledger_transactions")]
    [InlineData("TRUNCATE ledger_transactions CASCADE")]
    [InlineData("DELETE FROM accounts WHERE id = 'nobody'")]
    [InlineData("UPDATE accounts SET kind = 'hoster' WHERE id = 'nobody'")]
    public async Task Database_ChangeOfWhatIsBooked_IsRefused(string sql)
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() => Billing.ExecuteAsync(sql, Token));

        Assert.Equal(PostgresErrorCodes.RestrictViolation, error.SqlState);
    }

    [Fact]
    public async Task Database_EntriesThatDoNotSumToZero_AreRefused()
    {
        var account = await Billing.NewConsumerAsync(100, Token);

        var error = await Assert.ThrowsAsync<PostgresException>(() =>
            BookAsync($"(0, '{account}', 'consumer:balance', -5), (1, 'platform', 'platform:fee', 4)"));

        Assert.Equal(PostgresErrorCodes.CheckViolation, error.SqlState);
    }

    [Fact]
    public async Task Database_EntriesAddedToAnOldTransaction_AreRefused()
    {
        var account = await Billing.NewConsumerAsync(100, Token);

        var error = await Assert.ThrowsAsync<PostgresException>(() => Billing.ExecuteAsync(
            $"""
            INSERT INTO ledger_entries (request_id, kind, position, account_id, book, amount)
            SELECT t.request_id, t.kind, e.position, e.account_id, e.book, e.amount
            FROM (SELECT request_id, kind FROM ledger_entries WHERE account_id = '{account}') AS t,
                (VALUES (7, '{account}', 'consumer:balance', -5), (8, 'platform', 'platform:fee', 5))
                    AS e (position, account_id, book, amount)
            """,
            Token));

        Assert.Equal(PostgresErrorCodes.CheckViolation, error.SqlState);
    }

    [Theory]
    [InlineData("'nobody', 'consumer:balance'")]
    [InlineData("'platform', 'consumer:balance'")]
    [InlineData("'platform', 'platform:pocket'")]
    public async Task Database_EntryInABookThatTheAccountCannotHave_IsRefused(string accountAndBook)
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() =>
            BookAsync($"(0, {accountAndBook}, -5), (1, 'platform', 'platform:fee', 5)"));

        Assert.StartsWith("23", error.SqlState, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_SecondTransactionOfARequestAndKind_IsRefused()
    {
        var insert = $"INSERT INTO ledger_transactions (request_id, kind) VALUES ('{RequestId.New(TimeProvider.System)}', 'settle')";
        await Billing.ExecuteAsync(insert, Token);

        var error = await Assert.ThrowsAsync<PostgresException>(() => Billing.ExecuteAsync(insert, Token));

        Assert.Equal(PostgresErrorCodes.UniqueViolation, error.SqlState);
    }

    [Theory]
    [InlineData("balance = -1")]
    [InlineData("held = 101")]
    [InlineData("held = -1")]
    public async Task Database_FundsBelowZero_AreRefused(string funds)
    {
        var account = await Billing.NewConsumerAsync(100, Token);

        var error = await Assert.ThrowsAsync<PostgresException>(() =>
            Billing.ExecuteAsync($"UPDATE accounts SET {funds} WHERE id = '{account}'", Token));

        Assert.Equal(PostgresErrorCodes.CheckViolation, error.SqlState);
    }

    [Fact]
    public async Task Database_BalanceOfAHoster_IsRefused()
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() =>
            Billing.ExecuteAsync("UPDATE accounts SET balance = 1 WHERE id = 'platform'", Token));

        Assert.Equal(PostgresErrorCodes.CheckViolation, error.SqlState);
    }

    private Task<int> BookAsync(string entries) => Billing.ExecuteAsync(
        $"""
        WITH begun AS (
            INSERT INTO ledger_transactions (request_id, kind) VALUES ('{RequestId.New(TimeProvider.System)}', 'settle') RETURNING request_id
        )
        INSERT INTO ledger_entries (request_id, kind, position, account_id, book, amount)
        SELECT begun.request_id, 'settle', e.position, e.account_id, e.book, e.amount
        FROM begun, (VALUES {entries}) AS e (position, account_id, book, amount)
        """,
        Token);
}
