using ComputeShare.Billing.Audit;
using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Administration;

[Trait("Category", "Integration")]
public sealed class CorrectCommandTests(BillingFixture fixture)
{
    private readonly AdminConsole _console = new(fixture.Billing.ConnectionString);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    [Fact]
    public async Task Correct_PartThenAll_ComesFromWhoGotIt()
    {
        var (account, offer, request) = await SettledAsync(1001);

        var part = await _console.OutputOfAsync("correct", $"req_{request}", "0.0000005", "--reference", "slow answer");
        var all = await _console.OutputOfAsync("correct", $"chatcmpl-{request}", "all", "--reference", "wrong answer");

        Assert.Equal(("0.000000500", "0.000000501"), (part, all));
        Assert.Equal((5000, 0), await Billing.FundsAsync(account, Token));
        foreach (var book in Books.All)
        {
            Assert.Equal(0, await Billing.EntriesOfAsync(request, book, Token));
        }

        Assert.Equal(0, await Billing.SumAsync(offer.Hoster, Books.HosterEscrow, Token));
        Assert.Equal(0, (await Billing.Services.GetRequiredService<LedgerAudit>().RunAsync(Token)).Total);
    }

    [Fact]
    public async Task Correct_SameReferenceAgain_ChangesNothing()
    {
        var (account, _, request) = await SettledAsync(1000);
        await _console.OutputOfAsync("correct", request, "0.0000001", "--reference", "once");

        var again = await _console.RunAsync("correct", request, "0.0000001", "--reference", "once");

        Assert.Equal((0, "0.000000100"), (again.Code, again.Output));
        Assert.Contains("booked before", again.Error, StringComparison.Ordinal);
        Assert.Equal(4100, (await Billing.FundsAsync(account, Token)).Balance);
    }

    [Theory]
    [InlineData("0.000001001")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("much")]
    public async Task Correct_MoreThanItCostOrNothing_IsRefused(string amount)
    {
        var (account, _, request) = await SettledAsync(1000);

        Assert.NotEqual(0, (await _console.RunAsync("correct", request, amount, "--reference", "greed")).Code);
        Assert.Equal(4000, (await Billing.FundsAsync(account, Token)).Balance);
    }

    [Fact]
    public async Task Correct_RequestThatNobodyKnows_IsRefused() =>
        Assert.Equal(1, (await _console.RunAsync("correct", Commands.NewRequest(), "all", "--reference", "nothing")).Code);

    [Fact]
    public async Task Correct_RequestOfACappedKey_FreesItsCap()
    {
        var account = await Billing.NewConsumerAsync(5000, Token);
        var terms = new KeyTerms { SpendCaps = new SpendCaps { Caps = { new SpendCap { Window = "day", Amount = 1000 } } } };
        var key = (await Billing.Services.GetRequiredService<KeyWriter>().CreateAsync(account, null, terms, Token))!.Id;
        var (_, _, request) = await SettledAsync(1000, account, key);

        await _console.OutputOfAsync("correct", request, "0.0000004", "--reference", "cap");

        var told = await Billing.Services.GetRequiredService<KeyCalls>().FindAsync(new AccountKeyRequest { AccountId = account, KeyId = key }, Token);
        Assert.Equal(600, told.Terms.SpendCaps.Caps[0].Spent);
    }

    private async Task<(string Account, Offer Offer, string Request)> SettledAsync(uint cost, string? account = null, string key = "key")
    {
        account ??= await Billing.NewConsumerAsync(5000, Token);
        var offer = await Billing.NewOfferAsync(new TokenPrice(0, 0, 1_000_000), Token);
        var request = Commands.NewRequest();
        var command = Commands.Settle(request, account, Commands.Share(offer, 0, cost));
        command.Settle.Record.KeyId = key;
        Assert.Equal(cost, (await Billing.AnswerAsync(command, Token)).Settled.Amount);
        return (account, offer, request);
    }
}
