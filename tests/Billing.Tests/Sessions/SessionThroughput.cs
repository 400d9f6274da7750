using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;

namespace ComputeShare.Billing.Tests.Sessions;

/// <summary>Not a test of anything: run it by name to see what this machine settles.</summary>
public sealed class SessionThroughput(BillingFixture fixture, ITestOutputHelper output)
{
    private const int InFlight = 256;
    private const int Rounds = 80;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Session_HoldsAndSettlements_PerSecond()
    {
        var billing = fixture.Billing;
        await using var session = GatewaySession.Open(billing);
        var offer = await billing.NewOfferAsync(new TokenPrice(50_000_000, 5_000_000, 200_000_000), Token);
        var accounts = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => billing.NewConsumerAsync(1_000_000_000_000, Token)));
        var clock = TimeProvider.System;
        var (holding, settling) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var round = 0; round < Rounds; round++)
        {
            var requests = Enumerable.Range(0, InFlight)
                .Select(i => (Id: Commands.NewRequest(), Account: accounts[i % accounts.Length]))
                .ToArray();
            var start = clock.GetTimestamp();
            await session.AskAsync(Token, [.. requests.Select(request => Commands.Hold(request.Id, request.Account, offer, 100, 256))]);
            holding += clock.GetElapsedTime(start);
            start = clock.GetTimestamp();
            await session.AskAsync(
                Token, [.. requests.Select(request => Commands.Settle(request.Id, request.Account, Commands.Share(offer, 100, 50)))]);
            settling += clock.GetElapsedTime(start);
        }

        const int Commanded = InFlight * Rounds;
        output.WriteLine($"holds: {Commanded / holding.TotalSeconds:0}/s, settlements: {Commanded / settling.TotalSeconds:0}/s");
    }
}
