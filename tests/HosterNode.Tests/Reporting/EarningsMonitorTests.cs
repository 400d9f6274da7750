using ComputeShare.HosterNode.Membership;
using ComputeShare.HosterNode.Reporting;
using ComputeShare.HosterNode.Tests.Joining;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.HosterNode.Tests.Reporting;

[Trait("Category", "Integration")]
public sealed class EarningsMonitorTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 26, 3, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunOnce_WhatTheGatewayTells_IsKeptWhenItNextTellsNothing()
    {
        await using var marketplace = await FakeMarketplace.StartAsync();
        using var monitor = Monitor(marketplace.Address, marketplace.Key);
        Assert.Null(monitor.Current);

        await monitor.RunOnceAsync(Token);
        Assert.Equal(new EarningStatus("0.5", "12.5"), monitor.Current);

        marketplace.Earnings = "<html>";
        await monitor.RunOnceAsync(Token);
        Assert.Equal(new EarningStatus("0.5", "12.5"), monitor.Current);

        marketplace.Earnings = """{"earned_usd":"0","data":[]}""";
        await monitor.RunOnceAsync(Token);
        Assert.Equal(new EarningStatus("0", "0"), monitor.Current);
    }

    [Fact]
    public async Task RunOnce_NobodyAnswers_IsNoFailureOfTheNode()
    {
        using var monitor = Monitor(new Uri("http://127.0.0.1:1"), "ngh_");

        await monitor.RunOnceAsync(Token);

        Assert.Null(monitor.Current);
    }

    private EarningsMonitor Monitor(Uri gateway, string key)
    {
        var options = new MembershipOptions { HosterKey = key };
        options.Gateways.Add(gateway.ToString());
        return new EarningsMonitor(Options.Create(options), new GatewayTrust(""), _clock, NullLogger<EarningsMonitor>.Instance);
    }
}
