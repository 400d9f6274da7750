using ComputeShare.Billing.Generations;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Generations;

[Trait("Category", "Integration")]
public sealed class GenerationSweepTests(BillingFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sweep_RecordsOlderThanTheRetention_AreRemovedAndTheirLedgerStays()
    {
        var billing = fixture.Billing;
        var account = await billing.NewConsumerAsync(1000, Token);
        var offer = await billing.NewOfferAsync(new TokenPrice(0, 0, 1_000_000), Token);
        var now = TimeProvider.System.GetUtcNow();
        var (old, kept) = (IdAt(now.AddDays(-401)), IdAt(now.AddDays(-399)));
        foreach (var request in new[] { old, kept })
        {
            Assert.NotNull((await billing.AnswerAsync(Commands.Settle(request, account, Commands.Share(offer, 0, 7)), Token)).Settled);
        }

        await billing.Services.GetRequiredService<GenerationSweep>().SweepAsync(Token);

        await using var database = await billing.OpenDatabaseAsync(Token);
        var left = await database.Generations.Where(row => row.AccountId == account).Select(row => row.RequestId).ToListAsync(Token);
        Assert.Equal([Guid.ParseExact(kept, "N")], left);
        Assert.Equal(-7, await billing.EntriesOfAsync(old, "consumer:balance", Token));

        // A gateway's spool may send it again, after however long.
        Assert.True((await billing.AnswerAsync(Commands.Settle(old, account, Commands.Share(offer, 0, 7)), Token)).Settled is null or { Duplicate: true });
        Assert.Equal(986, (await billing.FundsAsync(account, Token)).Balance);
    }

    private static string IdAt(DateTimeOffset moment) => Guid.CreateVersion7(moment).ToString("N");
}
