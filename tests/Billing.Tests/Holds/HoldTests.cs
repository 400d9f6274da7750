using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Tests.Holds;

[Trait("Category", "Integration")]
public sealed class HoldTests(BillingFixture fixture)
{
    // 10 nano-dollars a token, so that amounts are easy to read.
    private static readonly TokenPrice TenEach = new(10_000_000, 10_000_000, 10_000_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    [Fact]
    public async Task Hold_EnoughMoney_HoldsPromptAndWantedTokens()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(10_000, Token);

        var answer = await Billing.AnswerAsync(Commands.Hold(Commands.NewRequest(), account, offer, prompt: 100, wanted: 50), Token);

        Assert.Equal(new Held { Amount = 1500, CompletionTokens = 50 }, answer.Held);
        Assert.Equal((10_000, 1500), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Hold_MoneyForSomeOfTheWantedTokens_GrantsWhatIsCovered()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(1234, Token);

        var answer = await Billing.AnswerAsync(Commands.Hold(Commands.NewRequest(), account, offer, prompt: 100, wanted: 50), Token);

        Assert.Equal(new Held { Amount = 1230, CompletionTokens = 23 }, answer.Held);
    }

    [Fact]
    public async Task Hold_LessThanPromptAndLeastTokens_IsRefusedWithWhatIsMissing()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(1009, Token);

        var answer = await Billing.AnswerAsync(Commands.Hold(Commands.NewRequest(), account, offer, prompt: 100, wanted: 50), Token);

        Assert.Equal(new HoldRefused { Available = 1009, Required = 1010, Reason = HoldRefusal.Balance }, answer.HoldRefused);
        Assert.Equal((1009, 0), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Hold_HigherSeq_GrowsTheHold()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(10_000, Token);
        var request = Commands.NewRequest();
        await Billing.AnswerAsync(Commands.Hold(request, account, offer, 100, 50), Token);

        var answer = await Billing.AnswerAsync(Commands.Hold(request, account, offer, 100, 562, seq: 2), Token);

        Assert.Equal(new Held { Amount = 6620, CompletionTokens = 562 }, answer.Held);
        Assert.Equal((10_000, 6620), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Hold_GrowthThatTheAccountCannotPay_KeepsWhatIsHeld()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(1600, Token);
        var request = Commands.NewRequest();
        await Billing.AnswerAsync(Commands.Hold(request, account, offer, 100, 50), Token);

        var answer = await Billing.AnswerAsync(Commands.Hold(request, account, offer, 100, 562, least: 300, seq: 2), Token);

        Assert.Equal(1600, answer.HoldRefused.Available);
        Assert.Equal((1600, 1500), await Billing.FundsAsync(account, Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Hold_EqualOrOlderSeq_ChangesNothingAndTellsWhatIsHeld(uint seq)
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(10_000, Token);
        var request = Commands.NewRequest();
        await Billing.AnswerAsync(Commands.Hold(request, account, offer, 100, 50, seq: 2), Token);

        var answer = await Billing.AnswerAsync(Commands.Hold(request, account, offer, 100, 500, seq: seq), Token);

        Assert.Equal(new Held { Amount = 1500, CompletionTokens = 50 }, answer.Held);
        Assert.Equal((10_000, 1500), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Hold_ManyAtOnceOnAPoorAccount_GrantsExactlyWhatIsThere()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(7 * 1500, Token);

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ =>
            Billing.AnswerAsync(Commands.Hold(Commands.NewRequest(), account, offer, 100, 50, least: 50), Token).AsTask()));

        Assert.Equal(7, answers.Count(answer => answer.AnswerCase == BillingAnswer.AnswerOneofCase.Held));
        Assert.Equal(53, answers.Count(answer => answer.AnswerCase == BillingAnswer.AnswerOneofCase.HoldRefused));
        Assert.Equal((7 * 1500, 7 * 1500), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Hold_ManyAtOnceOverTwoReplicas_GrantsExactlyWhatIsThere()
    {
        await using var second = await RunningBilling.StartOnAsync(Billing.ConnectionString, Token);
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(7 * 1500, Token);

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => (i % 2 == 0 ? Billing : second)
            .AnswerAsync(Commands.Hold(Commands.NewRequest(), account, offer, 100, 50, least: 50), Token).AsTask()));

        Assert.Equal(7, answers.Count(answer => answer.AnswerCase == BillingAnswer.AnswerOneofCase.Held));
        Assert.Equal((7 * 1500, 7 * 1500), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Hold_ManyAtOnceOnABillingThatHasJustStarted_TakeNoMoreConnectionsThanThereAre()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(1_000_000_000, Token);
        await using var fresh = await RunningBilling.StartOnAsync($"{Billing.ConnectionString};Maximum Pool Size=8", Token);

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ =>
            fresh.AnswerAsync(Commands.Hold(Commands.NewRequest(), account, offer, 1, 1), Token).AsTask()));

        Assert.All(answers, answer => Assert.Equal(BillingAnswer.AnswerOneofCase.Held, answer.AnswerCase));
    }

    [Fact]
    public async Task Hold_PoorNeighboursInTheGroup_RichOnesAreHeldAllTheSame()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var poor = await Billing.NewConsumerAsync(0, Token);
        var rich = await Billing.NewConsumerAsync(1_000_000, Token);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i =>
            Billing.AnswerAsync(Commands.Hold(Commands.NewRequest(), i % 2 == 0 ? poor : rich, offer, 100, 50), Token).AsTask()));

        Assert.All(answers.Where((_, i) => i % 2 == 0), answer => Assert.Equal(1010, answer.HoldRefused.Required));
        Assert.All(answers.Where((_, i) => i % 2 == 1), answer => Assert.Equal(1500, answer.Held.Amount));
    }

    [Fact]
    public async Task Hold_RowThatTheDatabaseRefusesInTheGroup_NeighboursAreHeldAllTheSame()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(1_000_000, Token);
        var commands = Enumerable.Range(0, 20).Select(_ => Commands.Hold(Commands.NewRequest(), account, offer, 100, 50)).ToArray();
        commands[7].Hold.KeyId = "PostgreSQL's text has no \0";

        var answers = await Task.WhenAll(commands.Select(command => Billing.AnswerAsync(command, Token).AsTask()));

        Assert.Equal(BillingAnswer.AnswerOneofCase.Rejected, answers[7].AnswerCase);
        Assert.All(answers.Where((_, i) => i != 7), answer => Assert.Equal(1500, answer.Held.Amount));
        Assert.Equal((1_000_000, 19 * 1500), await Billing.FundsAsync(account, Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Hold_AfterTheSettlement_IsRejectedAndHoldsNothing(uint seq)
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(10_000, Token);
        var request = Commands.NewRequest();
        await Billing.AnswerAsync(Commands.Hold(request, account, offer, 100, 50), Token);
        await Billing.AnswerAsync(Commands.Settle(request, account), Token);

        var answer = await Billing.AnswerAsync(Commands.Hold(request, account, offer, 100, 50, seq: seq), Token);

        Assert.Equal(BillingAnswer.AnswerOneofCase.Rejected, answer.AnswerCase);
        Assert.Equal((10_000, 0), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Release_HeldRequest_GivesAllOfItBackAndIsDoneAgainWithoutEffect()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(10_000, Token);
        var request = Commands.NewRequest();
        await Billing.AnswerAsync(Commands.Hold(request, account, offer, 100, 50), Token);

        var first = await Billing.AnswerAsync(Commands.Release(request), Token);
        var second = await Billing.AnswerAsync(Commands.Release(request), Token);

        Assert.Equal(BillingAnswer.AnswerOneofCase.Done, first.AnswerCase);
        Assert.Equal(BillingAnswer.AnswerOneofCase.Done, second.AnswerCase);
        Assert.Equal((10_000, 0), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Release_SentBehindItsHold_RunsAfterIt()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(10_000, Token);
        await Billing.AnswerAsync(Commands.Hold(Commands.NewRequest(), account, offer, 0, 1), Token);
        var requests = Enumerable.Range(0, 30).Select(_ => Commands.NewRequest()).ToArray();

        await Task.WhenAll(requests.SelectMany(request => new[]
        {
            Billing.AnswerAsync(Commands.Hold(request, account, offer, 1, 1), Token).AsTask(),
            Billing.AnswerAsync(Commands.Release(request), Token).AsTask(),
        }));

        Assert.Equal((10_000, 10), await Billing.FundsAsync(account, Token));
    }

    [Theory]
    [InlineData("not an id", "account", "price", 1u, 1u)]
    [InlineData("request", "nobody", "price", 1u, 1u)]
    [InlineData("request", "hoster", "price", 1u, 1u)]
    [InlineData("request", "account", "no price", 1u, 1u)]
    [InlineData("request", "account", "price", 0u, 1u)]
    [InlineData("request", "account", "price", 1u, 51u)]
    public async Task Hold_WrongForEver_IsRejected(string request, string account, string price, uint seq, uint least)
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var consumer = await Billing.NewConsumerAsync(10_000, Token);
        var command = Commands.Hold(
            request == "request" ? Commands.NewRequest() : request,
            account switch { "account" => consumer, "hoster" => offer.Hoster, _ => account },
            price == "price" ? offer : offer with { PriceId = price },
            prompt: 1,
            wanted: 50,
            least,
            seq);

        var answer = await Billing.AnswerAsync(command, Token);

        Assert.Equal(BillingAnswer.AnswerOneofCase.Rejected, answer.AnswerCase);
    }

    [Fact]
    public async Task Hold_AnotherAccountsRequest_IsRejected()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(10_000, Token);
        var other = await Billing.NewConsumerAsync(10_000, Token);
        var request = Commands.NewRequest();
        await Billing.AnswerAsync(Commands.Hold(request, account, offer, 100, 50), Token);

        var answer = await Billing.AnswerAsync(Commands.Hold(request, other, offer, 100, 50, seq: 2), Token);

        Assert.Equal(BillingAnswer.AnswerOneofCase.Rejected, answer.AnswerCase);
        Assert.Equal((10_000, 0), await Billing.FundsAsync(other, Token));
    }

    [Fact]
    public async Task Hold_NobodyWaitsForItAnyMore_IsNotPlaced()
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(10_000, Token);
        var request = Commands.NewRequest();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Billing.AnswerAsync(Commands.Hold(request, account, offer, 100, 50), new CancellationToken(canceled: true)).AsTask());

        // The lane keeps order: what is answered behind the dropped hold shows that it is past.
        await Billing.AnswerAsync(Commands.Release(Commands.NewRequest()), Token);
        await using var database = await Billing.OpenDatabaseAsync(Token);
        Assert.False(await database.Holds.AnyAsync(hold => hold.AccountId == account, Token));
    }
}
