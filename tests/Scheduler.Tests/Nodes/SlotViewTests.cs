using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Tests.Nodes;

public sealed class SlotViewTests
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(15);

    private readonly SlotView _view = new(TimeSpan.FromMinutes(1));

    [Fact]
    public void MayHave_NothingHeard_IsTrueUpToTheCapacity()
    {
        Assert.True(_view.MayHave(4, 4, TimeSpan.Zero));
    }

    [Fact]
    public void MayHave_FullNode_IsFalseUntilTheFirstLeaseEnds()
    {
        _view.Hear(4, 1, TimeSpan.Zero, Later);

        Assert.False(_view.MayHave(1, 4, TimeSpan.Zero));
        Assert.True(_view.MayHave(1, 4, Later));
    }

    [Fact]
    public void Hear_OlderVersion_IsIgnored()
    {
        _view.Hear(4, 2, TimeSpan.Zero, Later);

        Assert.False(_view.Hear(0, 1, TimeSpan.Zero, Later));
        Assert.Equal(4, _view.Taken);
    }

    [Fact]
    public void Hear_RedisClockWasSetBack_IsNews()
    {
        const long hour = 3_600_000_000;
        _view.Hear(4, 2 * hour, TimeSpan.Zero, Later);

        Assert.True(_view.Hear(0, hour, TimeSpan.Zero, Later));
        Assert.Equal(0, _view.Taken);
        Assert.False(_view.Hear(4, hour - 1, TimeSpan.Zero, Later));
    }

    [Fact]
    public void CoolDown_RedisClockWasSetBack_HearsOfNewFailures()
    {
        const long hour = 3_600_000_000;
        var coolDown = new CoolDown();
        coolDown.Hear(1, 2 * hour, Later);

        coolDown.Hear(2, hour, 2 * Later);

        Assert.Equal(2, coolDown.Failures);
        Assert.True(coolDown.IsOn(Later));
    }

    [Fact]
    public void UsuallyTaken_AfterAChange_FollowsByHalfEachHalfLife()
    {
        _view.Hear(4, 1, TimeSpan.Zero, Later);
        Assert.Equal(0, _view.UsuallyTaken(TimeSpan.Zero));
        Assert.Equal(2, _view.UsuallyTaken(TimeSpan.FromMinutes(1)));

        _view.Hear(0, 2, TimeSpan.FromMinutes(2), Later);
        Assert.Equal(3, _view.UsuallyTaken(TimeSpan.FromMinutes(2)));
        Assert.Equal(1.5, _view.UsuallyTaken(TimeSpan.FromMinutes(3)));
    }

    [Fact]
    public void Hear_FewerTaken_SaysThatRoomCame()
    {
        Assert.False(_view.Hear(4, 1, TimeSpan.Zero, Later));
        Assert.True(_view.Hear(3, 2, TimeSpan.Zero, Later));
    }
}
