using ComputeShare.ServiceDefaults.Faults;

namespace ComputeShare.ServiceDefaults.Tests.Faults;

public sealed class FaultPointsTests
{
    [Fact]
    public async Task ReachAsync_NothingConfigured_DoesNothing() =>
        await FaultPoints.None.ReachAsync("gateway.held", TestContext.Current.CancellationToken);

    [Fact]
    public async Task ReachAsync_ThrowAtTheSecondArrival_ThrowsThereOnly()
    {
        Assert.True(Fault.TryParse("gateway.held", "throw@2", out var fault));
        var faults = new FaultPoints([fault!], TimeProvider.System);
        var token = TestContext.Current.CancellationToken;

        await faults.ReachAsync("gateway.held", token);
        await Assert.ThrowsAsync<FaultException>(async () => await faults.ReachAsync("gateway.held", token));
        await faults.ReachAsync("gateway.held", token);
        await faults.ReachAsync("gateway.settled", token);
    }

    [Theory]
    [InlineData("")]
    [InlineData("die")]
    [InlineData("delay")]
    [InlineData("delay:0")]
    [InlineData("kill@0")]
    [InlineData("kill@1@2")]
    public void TryParse_NotAnAction_IsFalse(string text) => Assert.False(Fault.TryParse("gateway.held", text, out _));
}
