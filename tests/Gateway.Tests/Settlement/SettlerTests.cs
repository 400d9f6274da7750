using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Admission;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Settlement;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.Gateway.Tests.Settlement;

[Trait("Category", "Integration")]
public sealed class SettlerTests(RedisServer redis)
{
    private const uint Wanted = 10;
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);

    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Settle_HoldTookAllThereWas_DoesNotWaitForOthers()
    {
        await using var market = await Market.StartAsync(redis);
        market.Billing.OnHold = _ => new BillingAnswer { Held = new Held { Amount = 1, CompletionTokens = Wanted - 1 } };

        await Settler(market).SettleAsync(await HeldAsync(market));

        await market.Billing.SettledAsync(Token);
    }

    [Fact]
    public async Task Settle_AccountHasMore_WaitsForOthers()
    {
        await using var market = await Market.StartAsync(redis);
        var context = await HeldAsync(market);

        var settling = Settler(market).SettleAsync(context);

        Assert.False(settling.IsCompleted);
        _clock.Advance(Gathering);
        await settling;
        await market.Billing.SettledAsync(Token);
    }

    private async Task<CompletionContext> HeldAsync(Market market)
    {
        var context = RunningRequest.Streaming(_clock);
        var credit = market.Services.GetRequiredService<CreditReserver>();
        context.Hold = credit.Begin(context.Id, ownerEpoch: 0, context.Caller.Record, choices: 1, maxTokens: Wanted);
        Assert.Equal(HoldResult.Covered, await context.Hold.PlaceAsync("price", promptTokens: 1));
        return context;
    }

    // On a clock of its own, which stands.
    private Settler Settler(Market market) => ActivatorUtilities.CreateInstance<Settler>(market.Services, _clock);
}
