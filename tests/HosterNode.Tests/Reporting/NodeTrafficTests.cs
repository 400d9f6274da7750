using ComputeShare.HosterNode.Reporting;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.HosterNode.Tests.Reporting;

public sealed class NodeTrafficTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void TokensPerSecond_OverTheLastTenSeconds_ForgetsWhatWasBefore()
    {
        var traffic = new NodeTraffic(_clock);
        traffic.TokensCame(30);
        Assert.Equal(30, traffic.Read().TokensPerSecond);

        _clock.Advance(TimeSpan.FromSeconds(9));
        traffic.TokensCame(70);
        _clock.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal(10, traffic.Read().TokensPerSecond, 0.2);

        _clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(7, traffic.Read().TokensPerSecond);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((0, 100), (traffic.Read().TokensPerSecond, traffic.Read().Tokens));
    }

    [Fact]
    public void RequestEnded_WellOrNot_IsCountedApart()
    {
        var traffic = new NodeTraffic(_clock);

        traffic.RequestEnded(finished: true);
        traffic.RequestEnded(finished: true);
        traffic.RequestEnded(finished: false);

        Assert.Equal((2, 1), (traffic.Read().Finished, traffic.Read().Failed));
    }
}
