using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Tests.Settlement;

[Trait("Category", "Integration")]
public sealed class SettleTests(BillingFixture fixture)
{
    private static readonly TokenPrice TenEach = new(10_000_000, 10_000_000, 10_000_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    [Fact]
    public async Task Settle_HeldRequest_ChargesDeliveredTokensAndPaysHosterAndPlatform()
    {
        var (request, account, offer) = await OpenAsync(10_000);

        var answer = await Billing.AnswerAsync(Commands.Settle(request, account, Commands.Share(offer, 100, 21)), Token);

        Assert.Equal(new Settled { Amount = 1210 }, answer.Settled);
        Assert.Equal((10_000 - 1210, 0), await Billing.FundsAsync(account, Token));
        Assert.Equal(-1210, await Billing.EntriesOfAsync(request, Books.ConsumerBalance, Token));
        Assert.Equal(1089, await Billing.EntriesOfAsync(request, Books.HosterEscrow, Token));
        Assert.Equal(121, await Billing.EntriesOfAsync(request, Books.PlatformFee, Token));
        Assert.Equal(1089, await Billing.SumAsync(offer.Hoster, Books.HosterEscrow, Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Settle_Answered_IsOnDisk(bool isHeld)
    {
        var (held, account, offer) = await OpenAsync(10_000);
        var settle = Commands.Settle(isHeld ? held : Commands.NewRequest(), account, Commands.Share(offer, 100, 21));

        Assert.True(await Billing.IsOnDiskAfterAsync(() => Billing.AnswerAsync(settle, Token).AsTask(), Token));
    }

    [Fact]
    public async Task Settle_DemoPrices_RoundsUpOnce()
    {
        var offer = await Billing.NewOfferAsync(new TokenPrice(50_000_000, 5_000_000, 200_000_001), Token);
        var account = await Billing.NewConsumerAsync(1_000_000, Token);

        var answer = await Billing.AnswerAsync(
            Commands.Settle(Commands.NewRequest(), account, Commands.Share(offer, 17, 3, cached: 4), Commands.Share(offer, 0, 2)), Token);

        // 17 × 50 + 4 × 5 + 5 × 200.000001: one nano-dollar more for the fraction, not one per share.
        Assert.Equal(17 * 50 + 4 * 5 + 5 * 200 + 1, answer.Settled.Amount);
    }

    [Fact]
    public async Task Settle_Twice_IsAnsweredAsTheFirstTime()
    {
        var (request, account, offer) = await OpenAsync(10_000);
        await Billing.AnswerAsync(Commands.Settle(request, account, Commands.Share(offer, 100, 21)), Token);

        var answer = await Billing.AnswerAsync(Commands.Settle(request, account, Commands.Share(offer, 100, 40)), Token);

        Assert.Equal(new Settled { Amount = 1210, Duplicate = true }, answer.Settled);
        Assert.Equal((10_000 - 1210, 0), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    [Trait("Wire", "56")]
    public async Task Settle_ManyTimesAtOnceOverTwoReplicas_ChargesOnce()
    {
        await using var second = await RunningBilling.StartOnAsync(Billing.ConnectionString, Token);
        var (request, account, offer) = await OpenAsync(10_000);
        var settle = Commands.Settle(request, account, Commands.Share(offer, 100, 21));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            (i % 2 == 0 ? Billing : second).AnswerAsync(settle, Token).AsTask()));

        Assert.Single(answers, answer => !answer.Settled.Duplicate);
        Assert.All(answers, answer => Assert.Equal(1210, answer.Settled.Amount));
        Assert.Equal((10_000 - 1210, 0), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    [Trait("Wire", "57")]
    public async Task Settle_NothingDelivered_ChargesNothingAndIsStillUnique()
    {
        var (request, account, offer) = await OpenAsync(10_000);

        var first = await Billing.AnswerAsync(Commands.Settle(request, account), Token);
        var second = await Billing.AnswerAsync(Commands.Settle(request, account, Commands.Share(offer, 100, 21)), Token);

        Assert.Equal(new Settled(), first.Settled);
        Assert.Equal(new Settled { Duplicate = true }, second.Settled);
        Assert.Equal((10_000, 0), await Billing.FundsAsync(account, Token));
        await using var database = await Billing.OpenDatabaseAsync(Token);
        var id = Guid.ParseExact(request, "N");
        Assert.False(await database.LedgerEntries.AnyAsync(entry => entry.RequestId == id, Token));
        Assert.True(await database.Generations.AnyAsync(generation => generation.RequestId == id, Token));
    }

    [Fact]
    public async Task Settle_HoldWasLostAndTheMoneySpent_PlatformBearsTheLossAndHosterIsPaid()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(1000, Token);
        var request = Commands.NewRequest();

        var answer = await Billing.AnswerAsync(Commands.Settle(request, account, Commands.Share(offer, 100, 100)), Token);

        Assert.Equal(new Settled { Amount = 1000 }, answer.Settled);
        Assert.Equal((0, 0), await Billing.FundsAsync(account, Token));
        Assert.Equal(-1000, await Billing.EntriesOfAsync(request, Books.PlatformLoss, Token));
        Assert.Equal(200, await Billing.EntriesOfAsync(request, Books.PlatformFee, Token));
        Assert.Equal(1800, await Billing.EntriesOfAsync(request, Books.HosterEscrow, Token));
    }

    [Fact]
    public async Task Settle_LostHold_LeavesTheHoldsOfOtherRequestsCovered()
    {
        var (_, account, offer) = await OpenAsync(2000);

        var answer = await Billing.AnswerAsync(Commands.Settle(Commands.NewRequest(), account, Commands.Share(offer, 100, 100)), Token);

        Assert.Equal(500, answer.Settled.Amount);
        Assert.Equal((1500, 1500), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Settle_TwoHosters_EachIsPaidForItsShare()
    {
        var (request, account, first) = await OpenAsync(10_000);
        var second = await Billing.NewOfferAsync(new TokenPrice(0, 0, 20_000_000), Token);

        await Billing.AnswerAsync(
            Commands.Settle(request, account, Commands.Share(first, 100, 10), Commands.Share(second, 0, 20)), Token);

        Assert.Equal((10_000 - 1500, 0), await Billing.FundsAsync(account, Token));
        Assert.Equal(990, await Billing.SumAsync(first.Hoster, Books.HosterEscrow, Token));
        Assert.Equal(360, await Billing.SumAsync(second.Hoster, Books.HosterEscrow, Token));
        Assert.Equal(150, await Billing.EntriesOfAsync(request, Books.PlatformFee, Token));
    }

    [Theory]
    [InlineData("settle!")]
    [InlineData("late")]
    [InlineData("correction-")]
    [InlineData("correction-0")]
    [InlineData("correction-1x")]
    public async Task Settle_UnknownKind_IsRejected(string kind)
    {
        var (request, account, offer) = await OpenAsync(10_000);
        var settle = Commands.Settle(request, account, Commands.Share(offer, 100, 21));
        settle.Settle.Kind = kind;

        Assert.Equal(BillingAnswer.AnswerOneofCase.Rejected, (await Billing.AnswerAsync(settle, Token)).AnswerCase);
    }

    [Fact]
    public async Task Settle_WrongForEver_IsRejectedAndLeavesTheHold()
    {
        var (request, account, offer) = await OpenAsync(10_000);
        var other = await Billing.NewConsumerAsync(10_000, Token);
        var otherOffer = await Billing.NewOfferAsync(TenEach, Token);
        BillingCommand[] wrong =
        [
            Commands.Settle("no id", account),
            Commands.Settle(request, "nobody"),
            Commands.Settle(request, offer.Hoster),
            Commands.Settle(request, other),
            Commands.Settle(request, account, Commands.Share(offer with { PriceId = "none" }, 1, 1)),
            Commands.Settle(request, account, Commands.Share(offer with { NodeId = otherOffer.NodeId }, 1, 1)),
        ];

        foreach (var settle in wrong)
        {
            Assert.Equal(BillingAnswer.AnswerOneofCase.Rejected, (await Billing.AnswerAsync(settle, Token)).AnswerCase);
        }

        Assert.Equal((10_000, 1500), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Settle_SettledRequestOfAnotherAccount_IsRejected()
    {
        var (request, account, _) = await OpenAsync(10_000);
        var other = await Billing.NewConsumerAsync(10_000, Token);
        await Billing.AnswerAsync(Commands.Settle(request, account), Token);

        var answer = await Billing.AnswerAsync(Commands.Settle(request, other), Token);

        Assert.Equal(BillingAnswer.AnswerOneofCase.Rejected, answer.AnswerCase);
    }

    [Fact]
    public async Task Settle_Correction_ChargesOnTopOfTheSettledRequestOnce()
    {
        var (request, account, offer) = await OpenAsync(10_000);
        var correction = Commands.Settle(request, account, Commands.Share(offer, 0, 5));
        correction.Settle.Kind = "correction-1";
        var early = await Billing.AnswerAsync(correction, Token);
        await Billing.AnswerAsync(Commands.Settle(request, account, Commands.Share(offer, 100, 21)), Token);

        var first = await Billing.AnswerAsync(correction, Token);
        var second = await Billing.AnswerAsync(correction, Token);

        Assert.Equal(BillingAnswer.AnswerOneofCase.Rejected, early.AnswerCase);
        Assert.Equal(new Settled { Amount = 50 }, first.Settled);
        Assert.Equal(new Settled { Amount = 50, Duplicate = true }, second.Settled);
        Assert.Equal((10_000 - 1260, 0), await Billing.FundsAsync(account, Token));
        var generation = await Billing.FindGenerationAsync(request, account, Token);
        Assert.Equal(1260, generation!.Amount);
        Assert.Equal(2, generation.Shares.Count);
    }

    [Fact]
    public async Task GetGeneration_SettledRequest_TellsWhatItUsedAndCost()
    {
        var (request, account, offer) = await OpenAsync(10_000);
        var settle = Commands.Settle(request, account, Commands.Share(offer, 90, 21, cached: 10));
        await Billing.AnswerAsync(settle, Token);

        var generation = await Billing.FindGenerationAsync(request, account, Token);

        Assert.Equal(request, generation!.RequestId);
        Assert.Equal(settle.Settle.Record, generation.Record);
        Assert.Equal(settle.Settle.Shares, generation.Shares);
        Assert.Equal(1210, generation.Amount);
        Assert.True(generation.SettledAt > 0);
        Assert.Null(await Billing.FindGenerationAsync(request, await Billing.NewConsumerAsync(0, Token), Token));
    }

    private async Task<(string Request, string Account, Offer Offer)> OpenAsync(long balance)
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(balance, Token);
        var request = Commands.NewRequest();
        await Billing.AnswerAsync(Commands.Hold(request, account, offer, prompt: 100, wanted: 50), Token);
        return (request, account, offer);
    }
}
