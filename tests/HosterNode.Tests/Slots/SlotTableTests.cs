using System.Diagnostics.Metrics;
using ComputeShare.HosterNode.Slots;
using ComputeShare.HosterNode.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Tests.Slots;

public sealed class SlotTableTests
{
    private readonly SlotTable _slots = new(
        Options.Create(new NodeOptions { Slots = 4 }),
        new HosterNodeTelemetry(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>()));

    [Fact]
    public void TryTake_MoreThanAreFree_IsRefused()
    {
        using var three = _slots.TryTake("a", 3, most: null);

        Assert.NotNull(three);
        Assert.Null(_slots.TryTake("b", 2, most: null));
        Assert.NotNull(_slots.TryTake("c", 1, most: null));
    }

    [Fact]
    public void TryTake_MoreThanTheEngineHas_IsRefused() => Assert.Null(_slots.TryTake("a", 3, most: 2));

    [Fact]
    public void Offer_FewerThanRun_TakesNothingNewUntilEnoughAreBack()
    {
        using var first = _slots.TryTake("a", 2, most: null);
        var second = _slots.TryTake("b", 1, most: null)!;
        var changed = _slots.Changed;

        Assert.True(_slots.Offer(SlotLimit.Gpus, 2));

        Assert.True(changed.IsCompleted);
        Assert.False(_slots.Offer(SlotLimit.Gpus, 2));
        Assert.Null(_slots.TryTake("c", 1, most: null));
        second.Dispose();
        Assert.Null(_slots.TryTake("c", 1, most: null));
        Assert.True(_slots.Offer(SlotLimit.Gpus, 4));
        Assert.NotNull(_slots.TryTake("c", 2, most: null));
    }

    [Fact]
    public void Dispose_Twice_GivesBackOnce()
    {
        var two = _slots.TryTake("a", 2, most: null)!;
        using var other = _slots.TryTake("b", 2, most: null);

        two.Dispose();
        two.Dispose();

        Assert.Equal(["b"], _slots.Read().LeaseIds);
        Assert.Null(_slots.TryTake("c", 3, most: null));
        Assert.NotNull(_slots.TryTake("c", 2, most: null));
    }

    [Fact]
    public void TryTake_WhileDraining_IsRefused()
    {
        using var running = _slots.TryTake("a", 1, most: null);

        Assert.Equal(1, _slots.Drain());

        Assert.Null(_slots.TryTake("b", 1, most: null));
        Assert.True(_slots.Read().Draining);
        Assert.Equal(["a"], _slots.Read().LeaseIds);
    }

    [Fact]
    public void Changed_AfterEachChange_IsCompleted()
    {
        var first = _slots.Changed;
        var use = _slots.TryTake("a", 1, most: null)!;
        var second = _slots.Changed;
        Assert.True(first.IsCompleted);
        Assert.False(second.IsCompleted);

        use.Dispose();

        Assert.True(second.IsCompleted);
    }
}
