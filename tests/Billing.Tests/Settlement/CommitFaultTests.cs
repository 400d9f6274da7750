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

    // What is held for goes in one round trip; what is not is tried so first, then goes the long way.
    [Theory]
    [InlineData("billing.settle.before-commit", 1, true, false)]
    [InlineData("billing.settle.after-commit", 1, true, true)]
    [InlineData("billing.settle.before-commit", 2, false, false)]
    [InlineData("billing.settle.after-commit", 1, false, true)]
    public async Task Settle_FailureAroundTheCommit_IsUnavailableAndSettlesOnceWhenSentAgain(string point, int arrival, bool held, bool committed)
    {
        await using var billing = await StartAsync(point, arrival);
        var (account, settle) = await NewSettlementAsync(billing, held);

        var first = await billing.AnswerAsync(settle, Token);
        var second = await billing.AnswerAsync(settle, Token);

        Assert.Equal(BillingAnswer.AnswerOneofCase.Unavailable, first.AnswerCase);
        Assert.Equal(new Settled { Amount = 1200, Duplicate = committed }, second.Settled);
        Assert.Equal((10_000 - 1200, 0), await billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Settle_HeldRequest_IsWrittenAtTheFirstTry()
    {
        await using var billing = await StartAsync("billing.settle.before-commit", 2);
        var (_, settle) = await NewSettlementAsync(billing, isHeld: true);

        var answer = await billing.AnswerAsync(settle, Token);

        Assert.Equal(new Settled { Amount = 1200 }, answer.Settled);
    }

    [Theory]
    [InlineData("billing.hold.before-commit")]
    [InlineData("billing.hold.after-commit")]
    public async Task Hold_FailureAroundTheCommit_IsUnavailableAndHoldsOnceWhenSentAgain(string point)
    {
        await using var billing = await StartAsync(point, arrival: 1);
        var offer = await billing.NewOfferAsync(TenEach, Token);
        var account = await billing.NewConsumerAsync(10_000, Token);
        var hold = Commands.Hold(Commands.NewRequest(), account, offer, 100, 50);

        var first = await billing.AnswerAsync(hold, Token);
        var second = await billing.AnswerAsync(hold, Token);

        Assert.Equal(BillingAnswer.AnswerOneofCase.Unavailable, first.AnswerCase);
        Assert.Equal(1500, second.Held.Amount);
        Assert.Equal((10_000, 1500), await billing.FundsAsync(account, Token));
    }

    private static async Task<(string Account, BillingCommand Settle)> NewSettlementAsync(RunningBilling billing, bool isHeld)
    {
        var offer = await billing.NewOfferAsync(TenEach, Token);
        var account = await billing.NewConsumerAsync(10_000, Token);
        var request = Commands.NewRequest();
        if (isHeld)
        {
            await billing.AnswerAsync(Commands.Hold(request, account, offer, prompt: 100, wanted: 50), Token);
        }

        return (account, Commands.Settle(request, account, Commands.Share(offer, 100, 20)));
    }

    private Task<RunningBilling> StartAsync(string point, int arrival) =>
        RunningBilling.StartOnAsync(fixture.Billing.ConnectionString, Token, ($"Faults:{point}", $"throw@{arrival}"));
}
