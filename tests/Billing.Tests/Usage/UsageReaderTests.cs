using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Billing.Usage;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Usage;

[Trait("Category", "Integration")]
public sealed class UsageReaderTests(BillingFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    [Fact]
    public async Task Read_RequestsOfKeysModelsAndDays_AreAddedUpAsAsked()
    {
        var account = await Billing.NewConsumerAsync(1_000_000, Token);
        var offer = await Billing.NewOfferAsync(new TokenPrice(1_000_000, 500_000, 2_000_000), Token);
        var key = (await Billing.Services.GetRequiredService<KeyWriter>().CreateAsync(account, null, new KeyTerms { Name = "website" }, Token))!.Id;
        var yesterday = await SettleAsync(account, offer, key, "model-a", prompt: 10, cached: 4, completion: 6);
        await SettleAsync(account, offer, key, "model-a", prompt: 1, cached: 0, completion: 1);
        await SettleAsync(account, offer, key, "model-b", prompt: 1, cached: 0, completion: 1);
        await SettleAsync(account, offer, "gone", "model-a", prompt: 1, cached: 0, completion: 1);
        await SettleAsync(await Billing.NewConsumerAsync(1000, Token), offer, "others", "model-a", prompt: 1, cached: 0, completion: 1);
        await Billing.ExecuteAsync($"UPDATE generations SET settled_at = settled_at - interval '1 day' WHERE request_id = '{yesterday}'", Token);

        var rows = (await ReadAsync(new GetUsageRequest { AccountId = account, ByKey = true, ByModel = true, ByDay = true })).Rows;
        var all = (await ReadAsync(new GetUsageRequest { AccountId = account })).Rows;
        var byModel = (await ReadAsync(new GetUsageRequest { AccountId = account, KeyId = key, ByModel = true })).Rows;

        Assert.Equal(4, rows.Count);
        Assert.Equal(("website", "model-a", 1L, 10L, 4L, 6L, 24L), Figures(rows[0]));
        Assert.Equal(86_400_000, rows[1].Day - rows[0].Day);
        Assert.Equal(0, rows[0].Day % 86_400_000);
        Assert.Equal(("", "", 4L, 13L, 4L, 9L, 33L), Figures(Assert.Single(all)));
        Assert.Equal([("", "model-a", 2L, 11L, 4L, 7L, 27L), ("", "model-b", 1L, 1L, 0L, 1L, 3L)], byModel.Select(Figures));

        static (string, string, long, long, long, long, long) Figures(UsageRow row) =>
            (row.KeyName, row.Model, row.Requests, row.PromptTokens, row.CachedTokens, row.CompletionTokens, row.Amount);
    }

    [Fact]
    public async Task Credits_OfAConsumer_TellBalanceAndWhatIsHeld()
    {
        var account = await Billing.NewConsumerAsync(100, Token);
        var offer = await Billing.NewOfferAsync(new TokenPrice(0, 0, 1_000_000), Token);
        await Billing.AnswerAsync(Commands.Hold(Commands.NewRequest(), account, offer, 0, 30), Token);

        var credits = await Billing.Services.GetRequiredService<CreditReader>().ReadAsync(account, Token);

        Assert.Equal(new Credits { Balance = 100, Held = 30 }, credits);
    }

    private Task<UsageReport> ReadAsync(GetUsageRequest request)
    {
        var now = TimeProvider.System.GetUtcNow();
        request.From = now.AddDays(-7).ToUnixTimeMilliseconds();
        request.To = now.AddDays(1).ToUnixTimeMilliseconds();
        return Billing.Services.GetRequiredService<UsageReader>().ReadAsync(request, Token);
    }

    private async Task<Guid> SettleAsync(string account, Offer offer, string key, string model, uint prompt, uint cached, uint completion)
    {
        var request = Commands.NewRequest();
        var command = Commands.Settle(request, account, Commands.Share(offer, prompt, completion, cached));
        command.Settle.Record.KeyId = key;
        command.Settle.Record.ServedModel = model;
        Assert.NotNull((await Billing.AnswerAsync(command, Token)).Settled);
        return Guid.ParseExact(request, "N");
    }
}
