using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Tests.Nodes;

public sealed class SlotViewTests
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(15);

    private readonly SlotView _view = new();

    [Fact]
    public void MayHave_NothingHeard_IsTrueUpToTheCapacity()
    {
        Assert.True(_view.MayHave(4, 4, TimeSpan.Zero));
    }

    [Fact]
    public void MayHave_FullNode_IsFalseUntilTheFirstLeaseEnds()
    {
        _view.Hear(4, 1, Later);

        Assert.False(_view.MayHave(1, 4, TimeSpan.Zero));
        Assert.True(_view.MayHave(1, 4, Later));
    }

    [Fact]
    public void Hear_OlderVersion_IsIgnored()
    {
        _view.Hear(4, 2, Later);

        Assert.False(_view.Hear(0, 1, Later));
        Assert.Equal(4, _view.Taken);
    }

    [Fact]
    public void Hear_FewerTaken_SaysThatRoomCame()
    {
        Assert.False(_view.Hear(4, 1, Later));
        Assert.True(_view.Hear(3, 2, Later));
    }
}
