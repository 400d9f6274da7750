using ComputeShare.Billing.Audit;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Administration;

[Trait("Category", "Integration")]
public sealed class CreditCommandTests(BillingFixture fixture)
{
    private readonly AdminConsole _console = new(fixture.Billing.ConnectionString);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Credit_SentTwice_IsBookedOnceWithItsReference()
    {
        var account = await _console.OutputOfAsync("account", "create", "buyer", "--kind", "consumer");

        var balance = await _console.OutputOfAsync("credit", "buyer", "25.50", "--reference", "@invoice 7");
        var again = await _console.RunAsync("credit", account, "25.5", "--reference", "@invoice 7");

        Assert.Equal("25.500000000", balance);
        Assert.Equal((0, balance), (again.Code, again.Output));
        Assert.Contains("booked before", again.Error, StringComparison.Ordinal);
        Assert.Equal(25_500_000_000, await fixture.Billing.SumAsync(account, Books.ConsumerBalance, Token));
        await using var billing = await fixture.Billing.OpenDatabaseAsync(Token);
        Assert.Equal(1, await billing.LedgerTransactions.CountAsync(transaction => transaction.Reference == "@invoice 7", Token));
        Assert.Equal(0, (await fixture.Billing.Services.GetRequiredService<LedgerAudit>().RunAsync(Token)).Total);
    }

    [Fact]
    public async Task Credit_ReferenceOfAnotherSale_IsRefused()
    {
        await _console.OutputOfAsync("account", "create", "first-buyer", "--kind", "consumer");
        await _console.OutputOfAsync("account", "create", "second-buyer", "--kind", "consumer");
        await _console.OutputOfAsync("credit", "first-buyer", "5", "--reference", "shared");

        var otherAccount = await _console.RunAsync("credit", "second-buyer", "5", "--reference", "shared");
        var otherAmount = await _console.RunAsync("credit", "first-buyer", "6", "--reference", "shared");

        var refused = new Answer(1, "", "Billing admin: Reference shared was booked before, for another account or amount.");
        Assert.Equal((refused, refused), (otherAccount, otherAmount));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1,000")]
    [InlineData("1e3")]
    [InlineData("0.0000000001")]
    [InlineData("10000001")]
    [InlineData("NaN")]
    public async Task Credit_AmountThatIsNone_IsMisuse(string amount) =>
        Assert.Equal(2, (await _console.RunAsync("credit", "buyer", "--reference", "x", "--", amount)).Code);

    [Fact]
    public async Task Credit_ForAHoster_IsRefused()
    {
        await _console.OutputOfAsync("account", "create", "no-buyer", "--kind", "hoster");

        var answer = await _console.RunAsync("credit", "no-buyer", "1", "--reference", "y");

        Assert.Equal(new Answer(1, "", "Billing admin: no-buyer is no consumer's account: only consumers have credit."), answer);
    }
}
