using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Keys;

/// <summary>Spend caps hold at the hold: what is settled in the window and what is held never exceed them. A token costs 1 here.</summary>
[Trait("Category", "Integration")]
public sealed class SpendCapTests(BillingFixture fixture) : IAsyncLifetime
{
    private const long Plenty = 1_000_000;

    private string _account = "";
    private Offer _offer = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    public async ValueTask InitializeAsync()
    {
        _account = await Billing.NewConsumerAsync(Plenty, Token);
        _offer = await Billing.NewOfferAsync(new TokenPrice(0, 0, 1_000_000), Token);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Hold_BeyondTheCap_IsGrantedAsFarAsItGoesThenRefusedUntilTheWindowBeginsAnew()
    {
        var key = await NewKeyAsync(("day", 100));

        var first = await HoldAsync(key, 80);
        var second = await HoldAsync(key, 80);
        var third = await HoldAsync(key, 80);

        Assert.Equal((80u, 20u), (first.Held.CompletionTokens, second.Held.CompletionTokens));
        Assert.Equal((HoldRefusal.SpendCap, 0L, 1L), (third.HoldRefused.Reason, third.HoldRefused.Available, third.HoldRefused.Required));
        Assert.InRange(third.HoldRefused.RetryAfterMs, 1ul, 86_400_000ul);
    }

    [Fact]
    public async Task Hold_BeyondTheBalanceToo_IsRefusedForTheBalance()
    {
        var poor = await Billing.NewConsumerAsync(10, Token);
        var key = await NewKeyAsync(poor, ("day", 10));
        await HoldAsync(key, 10, account: poor);

        var answer = await HoldAsync(key, 10, account: poor);

        Assert.Equal((HoldRefusal.Balance, 0ul), (answer.HoldRefused.Reason, answer.HoldRefused.RetryAfterMs));
    }

    [Fact]
    public async Task Hold_SeveralCaps_TheTightestCountsAndTheTotalNeverComesBack()
    {
        var key = await NewKeyAsync(("hour", 50), ("month", 60), ("total", 55));

        var first = await HoldAsync(key, 100);
        var second = await HoldAsync(key, 100, least: 10);

        Assert.Equal(50u, first.Held.CompletionTokens);
        Assert.Equal((HoldRefusal.SpendCap, 0ul), (second.HoldRefused.Reason, second.HoldRefused.RetryAfterMs));
    }

    [Fact]
    public async Task Hold_GivenBackOrSettledForLess_FreesTheRest()
    {
        var key = await NewKeyAsync(("day", 100));
        var released = Commands.NewRequest();
        var settled = Commands.NewRequest();
        await HoldAsync(key, 50, request: released);
        await HoldAsync(key, 50, request: settled);

        await Billing.AnswerAsync(Commands.Release(released), Token);
        await SettleAsync(key, settled, 20);

        var caps = (await TellAsync(key)).Terms.SpendCaps.Caps;
        Assert.Equal((20L, 0L), (caps[0].Spent, caps[0].Held));
        Assert.Equal(80u, (await HoldAsync(key, 100)).Held.CompletionTokens);
        Assert.Equal(80L, (await TellAsync(key)).Terms.SpendCaps.Caps[0].Held);
    }

    [Fact]
    public async Task Hold_WindowHasBegunAnew_EarlierSpendingCountsNoMore()
    {
        var key = await NewKeyAsync(("day", 100), ("total", 1000));
        await SettleAsync(key, Commands.NewRequest(), 100);
        Assert.Equal(HoldRefusal.SpendCap, (await HoldAsync(key, 10)).HoldRefused.Reason);

        await Billing.ExecuteAsync($"UPDATE spend_caps SET began = began - interval '1 day' WHERE key_id = '{key}' AND period = 'day'", Token);

        var request = Commands.NewRequest();
        Assert.Equal(10u, (await HoldAsync(key, 10, request: request)).Held.CompletionTokens);
        await SettleAsync(key, request, 10);
        Assert.Equal([10L, 110L], (await TellAsync(key)).Terms.SpendCaps.Caps.Select(cap => cap.Spent));
    }

    [Fact]
    public async Task Change_CapOfAKeyThatHasSpent_KnowsWhatItSpent()
    {
        var key = await NewKeyAsync();
        await SettleAsync(key, Commands.NewRequest(), 30);

        var changed = await Billing.Services.GetRequiredService<KeyCalls>().ChangeAsync(
            new ChangeKeyRequest { AccountId = _account, KeyId = key, Terms = Terms(("day", 40)) }, Token);

        Assert.Equal(30L, changed.Terms.SpendCaps.Caps[0].Spent);
        Assert.Equal(10u, (await HoldAsync(key, 100)).Held.CompletionTokens);
    }

    [Fact]
    public async Task Holds_ManyAtOnceThroughTwoBillings_ExactlyTheCapIsGranted()
    {
        const int Served = 25;
        var key = await NewKeyAsync(("day", Served * 4), ("month", Plenty));
        var free = await NewKeyAsync();
        await using var other = await RunningBilling.StartOnAsync(Billing.ConnectionString, Token);

        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(async index =>
        {
            var billing = index % 2 == 0 ? Billing : other;
            var mine = index % 4 == 3 ? free : key;
            return (Key: mine, Answer: await billing.AnswerAsync(HoldOf(mine, 4, least: 4), Token));
        }));

        Assert.Equal(Served, answers.Count(item => item.Key == key && item.Answer.Held is { CompletionTokens: 4 }));
        Assert.All(answers.Where(item => item.Key == key && item.Answer.Held is null), item => Assert.Equal(HoldRefusal.SpendCap, item.Answer.HoldRefused.Reason));

        // Another key of the same account, in the same groups, is not in the least disturbed.
        Assert.All(answers.Where(item => item.Key == free), item => Assert.Equal(4u, item.Answer.Held.CompletionTokens));
    }

    private static KeyTerms Terms(params (string Window, long Amount)[] caps) => new()
    {
        SpendCaps = new SpendCaps { Caps = { caps.Select(cap => new SpendCap { Window = cap.Window, Amount = cap.Amount }) } },
    };

    private Task<string> NewKeyAsync(params (string Window, long Amount)[] caps) => NewKeyAsync(_account, caps);

    private async Task<string> NewKeyAsync(string account, params (string Window, long Amount)[] caps) =>
        (await Billing.Services.GetRequiredService<KeyWriter>().CreateAsync(account, kind: null, Terms(caps), Token))!.Id;

    private Task<AccountKey> TellAsync(string key) => Billing.Services.GetRequiredService<KeyCalls>().FindAsync(
        new AccountKeyRequest { AccountId = _account, KeyId = key }, Token);

    private BillingCommand HoldOf(string key, uint wanted, uint least, string? account = null, string? request = null)
    {
        var command = Commands.Hold(request ?? Commands.NewRequest(), account ?? _account, _offer, 0, wanted, least);
        command.Hold.KeyId = key;
        return command;
    }

    private async Task<BillingAnswer> HoldAsync(string key, uint wanted, uint least = 1, string? account = null, string? request = null) =>
        await Billing.AnswerAsync(HoldOf(key, wanted, least, account, request), Token);

    private async Task SettleAsync(string key, string request, uint tokens)
    {
        var command = Commands.Settle(request, _account, Commands.Share(_offer, 0, tokens));
        command.Settle.Record.KeyId = key;
        Assert.Equal(tokens, (await Billing.AnswerAsync(command, Token)).Settled.Amount);
    }
}
