using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ComputeShare.Billing.Tests.Settlement;

/// <summary>Settlements that gather in one transaction, and what one of them may do to the others.</summary>
[Trait("Category", "Integration")]
public sealed class SettleGroupTests(BillingFixture fixture)
{
    private static readonly TokenPrice TenEach = new(10_000_000, 10_000_000, 10_000_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    [Fact]
    public async Task Settle_ManyAtOnce_EachIsChargedOnce()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var accounts = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Billing.NewConsumerAsync(1_000_000, Token)));

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Billing
            .AnswerAsync(Commands.Settle(Commands.NewRequest(), accounts[i % 5], Commands.Share(offer, 10, 10)), Token).AsTask()));

        Assert.All(answers, answer => Assert.Equal(new Settled { Amount = 200 }, answer.Settled));
        foreach (var account in accounts)
        {
            Assert.Equal((1_000_000 - (60 * 200), 0), await Billing.FundsAsync(account, Token));
        }
    }

    [Theory]
    [InlineData("held like the others")]
    [InlineData("not held")]
    [InlineData("held for less")]
    [InlineData("settled before")]
    public async Task Settle_GroupInWhichOneIsDifferent_EachGetsItsOwnAndNothingStaysHeld(string different)
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(1_000_000, Token);
        var requests = Enumerable.Range(0, 20).Select(_ => Commands.NewRequest()).ToArray();
        var odd = requests[7];
        foreach (var request in requests.Where(request => request != odd || different != "not held"))
        {
            var wanted = request == odd && different == "held for less" ? 1u : 50u;
            await Billing.AnswerAsync(Commands.Hold(request, account, offer, prompt: wanted, wanted), Token);
        }

        if (different == "settled before")
        {
            await Billing.AnswerAsync(Commands.Settle(odd, account, Commands.Share(offer, 10, 10)), Token);
        }

        var answers = await Task.WhenAll(requests.Select(request =>
            Billing.AnswerAsync(Commands.Settle(request, account, Commands.Share(offer, 10, 10)), Token).AsTask()));

        Assert.Equal(
            requests.Select(request => new Settled { Amount = 200, Duplicate = request == odd && different == "settled before" }),
            answers.Select(answer => answer.Settled));
        Assert.Equal((1_000_000 - (20 * 200), 0), await Billing.FundsAsync(account, Token));
        Assert.Equal(20 * 180, await Billing.SumAsync(offer.Hoster, Books.HosterEscrow, Token));
        foreach (var request in requests)
        {
            Assert.Equal(20, await Billing.EntriesOfAsync(request, Books.PlatformFee, Token));
            Assert.Equal(200, (await Billing.FindGenerationAsync(request, account, Token))!.Amount);
        }
    }

    [Fact]
    public async Task Settle_RowThatTheDatabaseRefusesInTheGroup_NeighboursAreSettledAllTheSame()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(1_000_000, Token);
        var commands = Enumerable.Range(0, 20)
            .Select(_ => Commands.Settle(Commands.NewRequest(), account, Commands.Share(offer, 10, 10))).ToArray();
        commands[7].Settle.Record.FinishReason = "PostgreSQL's text has no \0";

        var answers = await Task.WhenAll(commands.Select(command => Billing.AnswerAsync(command, Token).AsTask()));

        Assert.Equal(BillingAnswer.AnswerOneofCase.Rejected, answers[7].AnswerCase);
        Assert.All(answers.Where((_, i) => i != 7), answer => Assert.Equal(200, answer.Settled.Amount));
        Assert.Equal((1_000_000 - (19 * 200), 0), await Billing.FundsAsync(account, Token));
    }

    // What PostgreSQL gives up after it has sent rows must not be waited for without end.
    [Fact]
    [Trait("Length", "Long")]
    public async Task Settle_HoldOfTheGroupStaysLocked_IsUnavailableAndSettledOnceItIsFree()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(1_000_000, Token);
        var requests = Enumerable.Range(0, 8).Select(_ => Commands.NewRequest()).ToArray();
        foreach (var request in requests)
        {
            await Billing.AnswerAsync(Commands.Hold(request, account, offer, prompt: 50, wanted: 50), Token);
        }

        var last = requests.Max(StringComparer.Ordinal)!;
        BillingAnswer[] answers;
        await using (var other = await Billing.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(Token))
        await using (await other.BeginTransactionAsync(Token))
        {
            await using var locking = new NpgsqlCommand($"SELECT FROM holds WHERE request_id = '{last}' FOR UPDATE", other);
            await locking.ExecuteNonQueryAsync(Token);
            answers = await SettleAllAsync().WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Token);
        }

        var again = await SettleAllAsync();

        Assert.Equal(BillingAnswer.AnswerOneofCase.Unavailable, answers[Array.IndexOf(requests, last)].AnswerCase);
        Assert.All(again, answer => Assert.Equal(200, answer.Settled.Amount));
        Assert.Equal((1_000_000 - (8 * 200), 0), await Billing.FundsAsync(account, Token));

        Task<BillingAnswer[]> SettleAllAsync() => Task.WhenAll(requests.Select(request =>
            Billing.AnswerAsync(Commands.Settle(request, account, Commands.Share(offer, 10, 10)), Token).AsTask()));
    }
}
