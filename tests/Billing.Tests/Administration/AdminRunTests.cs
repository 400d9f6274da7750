using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.Billing.Tests.Administration;

[Trait("Category", "Integration")]
public sealed class AdminRunTests(BillingFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("the-password and nothing else")]
    [InlineData("Host=localhost;Port=the-password")]
    public async Task AnyCommand_NoConnectionString_NamesTheKeyToSet(string? text)
    {
        var answer = await new AdminConsole(text).RunAsync("account", "list");

        Assert.Equal((1, ""), (answer.Code, answer.Output));
        Assert.StartsWith("Billing admin: ConnectionStrings:billing must be set", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("the-password", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', answer.Error);
    }

    [Fact]
    public async Task AnyCommand_PostgresAway_SaysSoInOneSentence()
    {
        var database = $"Host=127.0.0.1;Port={LoopbackPorts.TakeFree()};Username=a;Password=the-password;Database=a";

        var answer = await new AdminConsole(database).RunAsync("account", "list");

        Assert.Equal((1, ""), (answer.Code, answer.Output));
        Assert.StartsWith("Billing admin: PostgreSQL does not answer", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("the-password", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', answer.Error);
    }

    [Fact]
    public async Task AnyCommand_DatabaseWithoutSchema_SaysWhatToRun()
    {
        var console = new AdminConsole(await fixture.Postgres.CreateDatabaseAsync(Token));

        foreach (var command in new string[][] { ["account", "list"], ["audit"], ["account", "create", "a", "--kind", "consumer"] })
        {
            Assert.Equal(
                new Answer(1, "", "Billing admin: The database has not the schema of this program: run `Billing -- migrate` first."),
                await console.RunAsync(command));
        }
    }

    [Fact]
    public async Task Audit_LedgerThatAddsUp_EndsWithZeroAndOtherwiseWithOne()
    {
        await using var billing = await RunningBilling.StartAsync(fixture.Postgres, Token);
        var console = new AdminConsole(billing.ConnectionString);
        await console.OutputOfAsync("account", "create", "audited", "--kind", "consumer");
        await console.OutputOfAsync("credit", "audited", "3", "--reference", "a");
        await console.OutputOfAsync("audit");

        await billing.ExecuteAsync("UPDATE accounts SET balance = balance + 1 WHERE name = 'audited'", Token);
        var answer = await console.RunAsync("audit");

        Assert.Equal((1, "Billing admin: The ledger does not add up (differences: 1)."), (answer.Code, answer.Error));
        Assert.Contains(answer.Output.Split('\n'), line => line.StartsWith("balances", StringComparison.Ordinal) && line.EndsWith(" 1", StringComparison.Ordinal));
    }
}
