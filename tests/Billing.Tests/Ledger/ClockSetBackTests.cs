using ComputeShare.Billing.Audit;
using ComputeShare.Billing.Escrow;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Nodes;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ComputeShare.Billing.Tests.Ledger;

/// <summary>PostgreSQL's clock was an hour ahead, and is set right.</summary>
[Trait("Category", "Integration")]
public sealed class ClockSetBackTests(BillingFixture fixture) : IAsyncLifetime
{
    private static readonly TokenPrice Price = new(0, 0, 100_000_000);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private RunningBilling _billing = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _billing = await JumpingClock.StartBillingAsync(fixture.Postgres, Token);
        await JumpingClock.JumpAsync(_billing, Hour, Token);
    }

    public ValueTask DisposeAsync() => _billing.DisposeAsync();

    [Fact]
    public async Task Earnings_BookedBeforeTheClockHasCaughtUp_AreRolledUpOnceItHas()
    {
        var offer = await _billing.NewOfferAsync(Price, Token);
        var consumer = await _billing.NewConsumerAsync(1_000_000, Token);
        await SettleAsync(offer, consumer);
        await RollUpAsync();

        await JumpingClock.JumpAsync(_billing, -Hour, Token);
        await SettleAsync(offer, consumer);
        await RollUpAsync();
        Assert.Equal(900, await RolledUpAsync(offer.Hoster));
        Assert.Equal(0, (await _billing.Services.GetRequiredService<LedgerAudit>().RunAsync(Token)).Differences);

        await JumpingClock.JumpAsync(_billing, Hour, Token);
        await SettleAsync(offer, consumer);
        await RollUpAsync();

        Assert.Equal(2700, await RolledUpAsync(offer.Hoster));
        Assert.Equal(0, (await _billing.Services.GetRequiredService<LedgerAudit>().RunAsync(Token)).Differences);
    }

    [Fact]
    public async Task Price_FixedBeforeTheClockWasSetBack_IsFixedAnewWithinAMinute()
    {
        var offer = await _billing.NewOfferAsync(Price, Token);
        var consumer = await _billing.NewConsumerAsync(1_000_000, Token);
        await JumpingClock.JumpAsync(_billing, -Hour, Token);
        Assert.NotNull((await HoldAsync(offer, consumer)).Rejected);

        // As gateways do once a minute.
        var register = new RegisterNodeRequest
        {
            NodeId = offer.NodeId,
            HosterName = $"name-of-{offer.Hoster}",
            Models = { new ServedModel { LocalName = "tiny", Prices = new Prices { Input = Price.Input, CachedInput = Price.CachedInput, Output = Price.Output } } },
        };
        var anew = await _billing.Services.GetRequiredService<NodeRegistrar>().RegisterAsync(register, Token);

        Assert.NotNull((await HoldAsync(offer with { PriceId = anew.Offers[0].PriceId }, consumer)).Held);
    }

    private ValueTask<BillingAnswer> HoldAsync(Offer offer, string consumer) =>
        _billing.AnswerAsync(Commands.Hold(Commands.NewRequest(), consumer, offer, prompt: 0, wanted: 10), Token);

    private async Task SettleAsync(Offer offer, string consumer) =>
        Assert.Equal(1000, (await _billing.AnswerAsync(Commands.Settle(Commands.NewRequest(), consumer, Commands.Share(offer, 0, 10)), Token)).Settled.Amount);

    private Task RollUpAsync() => _billing.Services.GetRequiredService<RollUp>().RunAsync(TimeSpan.Zero, Token);

    private async Task<long> RolledUpAsync(string hoster)
    {
        await using var read = _billing.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT amount FROM book_sums WHERE account_id = $1 AND book = $2");
        read.Parameters.Add(new NpgsqlParameter { Value = hoster });
        read.Parameters.Add(new NpgsqlParameter { Value = Books.HosterEscrow });
        return Convert.ToInt64(await read.ExecuteScalarAsync(Token), System.Globalization.CultureInfo.InvariantCulture);
    }
}
