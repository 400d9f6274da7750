using ComputeShare.Billing.Holds;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace ComputeShare.Billing.Tests.Holds;

/// <summary>Each test has a service of its own: a reaper takes what is old, whoever's it is.</summary>
[Trait("Category", "Integration")]
public sealed class HoldReaperTests(BillingFixture fixture) : IAsyncLifetime
{
    private static readonly TokenPrice TenEach = new(10_000_000, 10_000_000, 10_000_000);

    private RunningBilling? _billing;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => _billing!;

    private HoldReaper Reaper => Billing.Services.GetRequiredService<HoldReaper>();

    public async ValueTask InitializeAsync() => _billing = await RunningBilling.StartAsync(fixture.Postgres, Token);

    public ValueTask DisposeAsync() => Billing.DisposeAsync();

    [Fact]
    public async Task Reap_SilentHoldWithCheckpoint_SettlesWhatItSaysAsRecovered()
    {
        var (request, account, offer) = await OpenAsync(prompt: 100, wanted: 50);
        await Billing.AnswerAsync(Commands.Checkpoint(request, Commands.Share(offer, 100, 7)), Token);
        await FallSilentAsync();

        Assert.Equal(1, await Reaper.ReapAsync(Token));

        Assert.Equal((10_000 - 1070, 0), await Billing.FundsAsync(account, Token));
        Assert.Equal(963, await Billing.SumAsync(offer.Hoster, Books.HosterEscrow, Token));
        await using var database = await Billing.OpenDatabaseAsync(Token);
        var generation = await database.Generations.SingleAsync(Token);
        Assert.Equal((int)GenerationStatus.Recovered, generation.Status);
        Assert.Equal(1070, generation.Amount);
    }

    [Fact]
    public async Task Reap_SilentHoldThatDeliveredNothing_GivesItBackAndASpooledSettlementStillCounts()
    {
        var (request, account, offer) = await OpenAsync(prompt: 100, wanted: 50);
        await Billing.AnswerAsync(Commands.Checkpoint(request, Commands.Share(offer, 100, 0)), Token);
        await FallSilentAsync();

        Assert.Equal(1, await Reaper.ReapAsync(Token));
        Assert.Equal((10_000, 0), await Billing.FundsAsync(account, Token));

        var answer = await Billing.AnswerAsync(Commands.Settle(request, account, Commands.Share(offer, 100, 3)), Token);
        Assert.Equal(new Settled { Amount = 1030 }, answer.Settled);
    }

    [Fact]
    public async Task Reap_HoldThatAGatewayReports_IsLeftAlone()
    {
        var (request, account, offer) = await OpenAsync(prompt: 100, wanted: 50);
        await FallSilentAsync();
        await Billing.AnswerAsync(Commands.Checkpoint(request, Commands.Share(offer, 100, 7)), Token);

        Assert.Equal(0, await Reaper.ReapAsync(Token));

        Assert.Equal((10_000, 1500), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Worker_BillingHasNotListenedForTheExpiry_LeavesSilentHoldsToTheirGateways()
    {
        var (request, account, offer) = await OpenAsync(prompt: 100, wanted: 50);
        await Billing.AnswerAsync(Commands.Checkpoint(request, Commands.Share(offer, 100, 7)), Token);
        await FallSilentAsync();
        var clock = new FakeTimeProvider();
        var options = Billing.Services.GetRequiredService<IOptions<HoldOptions>>();
        await using var away = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=1");
        using var worker = Worker(Billing.Services.GetRequiredService<NpgsqlDataSource>());
        using var unheard = Worker(away);

        await worker.RunOnceAsync(Token);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => unheard.RunOnceAsync(Token));
        clock.Advance(options.Value.Expiry);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => unheard.RunOnceAsync(Token));
        Assert.Equal((10_000, 1500), await Billing.FundsAsync(account, Token));

        await worker.RunOnceAsync(Token);
        Assert.Equal((10_000 - 1070, 0), await Billing.FundsAsync(account, Token));

        HoldReaperWorker Worker(NpgsqlDataSource database) => new(Reaper, database, options, clock, NullLogger<HoldReaperWorker>.Instance);
    }

    [Fact]
    public async Task Worker_DatabasesClockJumpsAhead_LeavesLiveHoldsToTheirGatewaysAndReapsSilentOnesLater()
    {
        await using var billing = await JumpingClock.StartBillingAsync(fixture.Postgres, Token);
        var offer = await billing.NewOfferAsync(TenEach, Token);
        var account = await billing.NewConsumerAsync(10_000, Token);
        var (live, silent) = (Commands.NewRequest(), Commands.NewRequest());
        var clock = new FakeTimeProvider();
        var options = billing.Services.GetRequiredService<IOptions<HoldOptions>>();
        using var worker = new HoldReaperWorker(
            billing.Services.GetRequiredService<HoldReaper>(), billing.Services.GetRequiredService<NpgsqlDataSource>(), options, clock, NullLogger<HoldReaperWorker>.Instance);
        await worker.RunOnceAsync(Token);
        await PassAsync(options.Value.Expiry);
        foreach (var request in new[] { live, silent })
        {
            await billing.AnswerAsync(Commands.Hold(request, account, offer, 100, 50), Token);
            await billing.AnswerAsync(Commands.Checkpoint(request, Commands.Share(offer, 100, 7)), Token);
        }

        await JumpingClock.JumpAsync(billing, TimeSpan.FromHours(1), Token);
        await worker.RunOnceAsync(Token);
        Assert.Equal((10_000, 3000), await billing.FundsAsync(account, Token));

        await PassAsync(options.Value.Expiry);
        await billing.AnswerAsync(Commands.Checkpoint(live, Commands.Share(offer, 100, 9)), Token);
        await worker.RunOnceAsync(Token);
        Assert.Equal((10_000 - 1070, 1500), await billing.FundsAsync(account, Token));

        async Task PassAsync(TimeSpan time)
        {
            clock.Advance(time);
            await JumpingClock.JumpAsync(billing, time, Token);
        }
    }

    [Fact]
    public async Task Settle_AfterTheReaper_IsLateAndRecordedWithoutEffect()
    {
        var (request, account, offer) = await OpenAsync(prompt: 100, wanted: 50);
        await Billing.AnswerAsync(Commands.Checkpoint(request, Commands.Share(offer, 100, 7)), Token);
        await FallSilentAsync();
        await Reaper.ReapAsync(Token);

        var late = Commands.Settle(request, account, Commands.Share(offer, 100, 20));
        var first = await Billing.AnswerAsync(late, Token);
        var second = await Billing.AnswerAsync(late, Token);

        Assert.Equal(new Settled { Amount = 1070, Late = true }, first.Settled);
        Assert.Equal(first.Settled, second.Settled);
        Assert.Equal((10_000 - 1070, 0), await Billing.FundsAsync(account, Token));
        await using var database = await Billing.OpenDatabaseAsync(Token);
        Assert.Equal(1, await database.LedgerTransactions.CountAsync(transaction => transaction.Kind == TransactionKinds.Late, Token));
        var generation = await database.Generations.SingleAsync(Token);
        Assert.Contains("20", generation.LateShares, StringComparison.Ordinal);
        Assert.Equal(1070, generation.Amount);
    }

    [Fact]
    public async Task Reap_TwoReplicasAtOnce_SettleOnce()
    {
        await using var second = await RunningBilling.StartOnAsync(Billing.ConnectionString, Token);
        var account = await Billing.NewConsumerAsync(1_000_000, Token);
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        for (var i = 0; i < 20; i++)
        {
            var request = Commands.NewRequest();
            await Billing.AnswerAsync(Commands.Hold(request, account, offer, 100, 50), Token);
            await Billing.AnswerAsync(Commands.Checkpoint(request, Commands.Share(offer, 100, i % 2 == 0 ? 7u : 0u)), Token);
        }

        await FallSilentAsync();
        var ended = await Task.WhenAll(Reaper.ReapAsync(Token), second.Services.GetRequiredService<HoldReaper>().ReapAsync(Token));

        Assert.Equal(20, ended.Sum());
        Assert.Equal((1_000_000 - (10 * 1070), 0), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Checkpoint_OlderOneThatComesLate_DoesNotTakeTokensBack()
    {
        var (request, account, offer) = await OpenAsync(prompt: 100, wanted: 50);
        await Billing.AnswerAsync(Commands.Checkpoint(request, Commands.Share(offer, 100, 9)), Token);
        await Billing.AnswerAsync(Commands.Checkpoint(request, Commands.Share(offer, 100, 8)), Token);
        await FallSilentAsync();

        await Reaper.ReapAsync(Token);

        Assert.Equal((10_000 - 1090, 0), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Checkpoint_OneStreamWithAnUnknownPrice_OthersAreKept()
    {
        var (request, account, offer) = await OpenAsync(prompt: 100, wanted: 50);
        var checkpoint = Commands.Checkpoint(request, Commands.Share(offer, 100, 9));
        checkpoint.Checkpoint.Streams.Add(new OpenStream
        {
            RequestId = Commands.NewRequest(),
            Shares = { Commands.Share(offer with { PriceId = "none" }, 1, 1) },
        });

        var answer = await Billing.AnswerAsync(checkpoint, Token);
        await FallSilentAsync();
        await Reaper.ReapAsync(Token);

        Assert.Equal(BillingAnswer.AnswerOneofCase.Rejected, answer.AnswerCase);
        Assert.Equal((10_000 - 1090, 0), await Billing.FundsAsync(account, Token));
    }

    private async Task<(string Request, string Account, Offer Offer)> OpenAsync(uint prompt, uint wanted)
    {
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(10_000, Token);
        var request = Commands.NewRequest();
        await Billing.AnswerAsync(Commands.Hold(request, account, offer, prompt, wanted), Token);
        return (request, account, offer);
    }

    // The reaper goes by PostgreSQL's clock, which nobody winds forward; the reports are moved back instead.
    private Task<int> FallSilentAsync() =>
        Billing.ExecuteAsync("UPDATE holds SET reported_at = reported_at - interval '11 minutes'", Token);
}
