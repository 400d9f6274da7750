using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Tests.Settlement;

/// <summary>What a caller may rely on when its group fails around the commit.</summary>
[Trait("Category", "Integration")]
public sealed class CommitFaultTests(BillingFixture fixture)
{
    private static readonly TokenPrice TenEach = new(10_000_000, 10_000_000, 10_000_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("billing.settle.before-commit", false)]
    [InlineData("billing.settle.after-commit", true)]
    public async Task Settle_FailureAroundTheCommit_IsUnavailableAndSettlesOnceWhenSentAgain(string point, bool committed)
    {
        await using var billing = await RunningBilling.StartOnAsync(
            fixture.Billing.ConnectionString, Token, ($"Faults:{point}", "throw@1"));
        var offer = await billing.NewOfferAsync(TenEach, Token);
        var account = await billing.NewConsumerAsync(10_000, Token);
        var settle = Commands.Settle(Commands.NewRequest(), account, Commands.Share(offer, 100, 20));

        var first = await billing.AnswerAsync(settle, Token);
        var second = await billing.AnswerAsync(settle, Token);

        Assert.Equal(BillingAnswer.AnswerOneofCase.Unavailable, first.AnswerCase);
        Assert.Equal(new Settled { Amount = 1200, Duplicate = committed }, second.Settled);
        Assert.Equal((10_000 - 1200, 0), await billing.FundsAsync(account, Token));
    }

    [Theory]
    [InlineData("billing.hold.before-commit")]
    [InlineData("billing.hold.after-commit")]
    public async Task Hold_FailureAroundTheCommit_IsUnavailableAndHoldsOnceWhenSentAgain(string point)
    {
        await using var billing = await RunningBilling.StartOnAsync(
            fixture.Billing.ConnectionString, Token, ($"Faults:{point}", "throw@1"));
        var offer = await billing.NewOfferAsync(TenEach, Token);
        var account = await billing.NewConsumerAsync(10_000, Token);
        var hold = Commands.Hold(Commands.NewRequest(), account, offer, 100, 50);

        var first = await billing.AnswerAsync(hold, Token);
        var second = await billing.AnswerAsync(hold, Token);

        Assert.Equal(BillingAnswer.AnswerOneofCase.Unavailable, first.AnswerCase);
        Assert.Equal(1500, second.Held.Amount);
        Assert.Equal((10_000, 1500), await billing.FundsAsync(account, Token));
    }
}
