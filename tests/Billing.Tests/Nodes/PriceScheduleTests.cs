using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Nodes;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Nodes;

/// <summary>Prices that are set ahead begin when they should, and nothing that runs changes its price.</summary>
[Trait("Category", "Integration")]
public sealed class PriceScheduleTests(BillingFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private RunningBilling Billing => fixture.Billing;

    [Fact]
    public async Task Register_PriceSetAhead_HasItsIdAndBeginsInTime()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var ahead = Now.AddHours(1);

        var first = await RegisterAsync(hoster, 50, (ahead, 90));
        var again = await RegisterAsync(hoster, 50, (ahead, 90));

        Assert.Equal(first.Offers[0].PriceId, again.Offers[0].PriceId);
        Assert.Equal(50, again.Offers[0].Prices.Output);
        Assert.InRange(again.NextPriceInMs, 1u, 3_600_000u);
        var rows = await RowsAsync(hoster);
        Assert.Equal([50L, 90L], rows.Select(row => row.Output));
        Assert.Equal(rows[1].ValidFrom, rows[0].ValidTo);
        Assert.Null(rows[1].ValidTo);

        // The hour passes.
        await Billing.ExecuteAsync($"UPDATE prices SET valid_from = valid_from - interval '1 hour', valid_to = valid_to - interval '1 hour' WHERE node_id = 'node-{hoster}'", Token);
        var begun = await RegisterAsync(hoster, 50, (ahead.AddHours(-1), 90));

        Assert.Equal((rows[1].Id, 90L, 0u), (begun.Offers[0].PriceId, begun.Offers[0].Prices.Output, begun.NextPriceInMs));
        Assert.Equal(2, (await RowsAsync(hoster)).Count);
    }

    [Fact]
    public async Task Register_PriceSetAheadAndTakenBack_NeverBegins()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var first = await RegisterAsync(hoster, 50, (Now.AddHours(1), 90));

        var back = await RegisterAsync(hoster, 50);

        Assert.Equal((first.Offers[0].PriceId, 0u), (back.Offers[0].PriceId, back.NextPriceInMs));
        var rows = await RowsAsync(hoster);
        Assert.Null(rows[0].ValidTo);
        Assert.Equal(rows[1].ValidFrom, rows[1].ValidTo);
    }

    [Fact]
    public async Task Register_TwoLaterPricesFromOneMoment_AreRefused()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var ahead = Now.AddHours(1);

        var refused = await Assert.ThrowsAsync<RegistrationException>(() => RegisterAsync(hoster, 50, (ahead, 90), (ahead, 91)));

        Assert.Contains("later prices", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hold_PriceThatEnded_IsTakenWithinTheBoundAndByWhoHasItAlready()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var account = await Billing.NewConsumerAsync(1_000_000, Token);
        var offer = new Offer(hoster, $"node-{hoster}", (await RegisterAsync(hoster, 50_000_000)).Offers[0].PriceId);
        var (running, within, after) = (Commands.NewRequest(), Commands.NewRequest(), Commands.NewRequest());
        Assert.NotNull((await Billing.AnswerAsync(Commands.Hold(running, account, offer, 0, 10), Token)).Held);
        await RegisterAsync(hoster, 90_000_000);

        Assert.NotNull((await Billing.AnswerAsync(Commands.Hold(within, account, offer, 0, 10), Token)).Held);
        await Billing.ExecuteAsync($"UPDATE prices SET valid_to = valid_to - interval '3 minutes' WHERE id = '{offer.PriceId}'", Token);
        Assert.NotNull((await Billing.AnswerAsync(Commands.Hold(after, account, offer, 0, 10), Token)).Rejected);

        // The one that runs grows and is billed at the price of its lease.
        Assert.NotNull((await Billing.AnswerAsync(Commands.Hold(running, account, offer, 0, 20, seq: 2), Token)).Held);
        Assert.Equal(750, (await Billing.AnswerAsync(Commands.Settle(running, account, Commands.Share(offer, 0, 15)), Token)).Settled.Amount);
    }

    [Fact]
    public async Task Hold_PriceThatHasNotBegun_IsRejected()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var account = await Billing.NewConsumerAsync(1_000_000, Token);
        await RegisterAsync(hoster, 50, (Now.AddHours(1), 1));
        var ahead = new Offer(hoster, $"node-{hoster}", (await RowsAsync(hoster))[1].Id);

        Assert.NotNull((await Billing.AnswerAsync(Commands.Hold(Commands.NewRequest(), account, ahead, 0, 10), Token)).Rejected);
    }

    private async Task<List<PriceRow>> RowsAsync(string hoster)
    {
        await using var billing = await Billing.OpenDatabaseAsync(Token);
        return await billing.Prices.AsNoTracking().Where(price => price.Node!.HosterId == hoster).OrderBy(price => price.ValidFrom).ToListAsync(Token);
    }

    private Task<RegisterNodeReply> RegisterAsync(string hoster, long output, params (DateTimeOffset From, long Output)[] later) =>
        Billing.Services.GetRequiredService<NodeRegistrar>().RegisterAsync(
            new RegisterNodeRequest
            {
                NodeId = $"node-{hoster}",
                HosterName = $"name-of-{hoster}",
                Models =
                {
                    new ServedModel
                    {
                        LocalName = "own",
                        Prices = new Prices { Output = output },
                        LaterPrices = { later.Select(step => new LaterPrices { From = step.From.ToUnixTimeMilliseconds(), Prices = new Prices { Output = step.Output } }) },
                    },
                },
            },
            Token);
}
