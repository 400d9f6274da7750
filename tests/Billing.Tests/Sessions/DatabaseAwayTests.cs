using ComputeShare.Billing.Audit;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.TestSupport.Servers;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ComputeShare.Billing.Tests.Sessions;

/// <summary>With a PostgreSQL of its own that it may stop.</summary>
[Trait("Category", "Integration")]
public sealed class DatabaseAwayTests
{
    private static readonly TokenPrice TenEach = new(10_000_000, 10_000_000, 10_000_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Session_PostgresStoppedAndStarted_AnswersUnavailableThenWorksAgain()
    {
        await using var postgres = await PostgresServer.StartAsync(Token);
        await using var billing = await RunningBilling.StartAsync(postgres, Token);
        await using var session = GatewaySession.Open(billing);
        var offer = await billing.NewOfferAsync(TenEach, Token);
        var account = await billing.NewConsumerAsync(10_000, Token);
        var request = Commands.NewRequest();
        BillingCommand Hold(uint seq) => Commands.Hold(request, account, offer, 100, 50, seq: seq);
        BillingCommand Settle() => Commands.Settle(request, account, Commands.Share(offer, 100, 20));
        await session.AskAsync(Token, Hold(seq: 1));

        await postgres.StopAsync();
        var away = await session.AskAsync(
            Token,
            Hold(seq: 2),
            Settle(),
            Commands.Release(Commands.NewRequest()),
            Commands.Checkpoint(request, Commands.Share(offer, 100, 3)),
            Commands.Hold(Commands.NewRequest(), account, offer with { PriceId = "not seen yet" }, 1, 1));
        Assert.All(away, answer => Assert.Equal(BillingAnswer.AnswerOneofCase.Unavailable, answer.AnswerCase));
        Assert.Equal(HealthStatus.Unhealthy, await HealthAsync(billing));
        await AssertUnaryIsUnavailableAsync(billing);

        await postgres.RestartAsync(Token);
        var back = await session.AskAsync(Token, Settle());
        Assert.Equal(new Settled { Amount = 1200 }, back[0].Settled);
        Assert.Equal((10_000 - 1200, 0), await billing.FundsAsync(account, Token));
        Assert.Equal(0, (await billing.Services.GetRequiredService<LedgerAudit>().RunAsync(Token)).Differences);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(billing));
    }

    private static async Task AssertUnaryIsUnavailableAsync(RunningBilling billing)
    {
        using var channel = StreamingChannel.Open(billing.InternalAddress, TimeSpan.FromSeconds(2));
        var client = new Contracts.Billing.Billing.BillingClient(channel.WithSecret(RunningBilling.Secret));

        var error = await Assert.ThrowsAsync<RpcException>(async () =>
            await client.GetCatalogueAsync(new GetCatalogueRequest(), cancellationToken: Token));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    private static async Task<HealthStatus> HealthAsync(RunningBilling billing) =>
        (await billing.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token)).Status;
}
