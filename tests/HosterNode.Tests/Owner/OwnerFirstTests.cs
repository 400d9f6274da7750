using System.Diagnostics.Metrics;
using ComputeShare.HosterNode.Control;
using ComputeShare.HosterNode.Owner;
using ComputeShare.HosterNode.Slots;
using ComputeShare.HosterNode.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Tests.Owner;

public sealed class OwnerFirstTests
{
    private readonly ControlOptions _options = new();
    private readonly SlotTable _slots = new(
        Options.Create(new NodeOptions { Slots = 4 }),
        new HosterNodeTelemetry(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>()));

    [Fact]
    public void Note_TheOwnerWorksWithTheEngine_TakesSlotsFromTheMarketUntilItIsOver()
    {
        var owner = Create();

        NoteTwice(owner, inEngine: 3, own: 1);
        Assert.Equal((2, 2), (_slots.Offered, owner.Local));

        NoteTwice(owner, inEngine: 6, own: 1);
        Assert.Equal((0, 5), (_slots.Offered, owner.Local));
        Assert.Null(_slots.TryTake("a", 1, most: null));

        owner.Note(inEngine: 1, own: 1, engineSlots: 4);
        Assert.Equal((4, 0), (_slots.Offered, owner.Local));
    }

    [Fact]
    public void Note_OneReadingOfMore_MayBeARequestThatHasJustEnded()
    {
        var owner = Create();

        owner.Note(inEngine: 1, own: 0, engineSlots: 4);

        Assert.Equal((4, 0), (_slots.Offered, owner.Local));
    }

    [Fact]
    public void Note_AnEngineWithRoomForBoth_OffersAll()
    {
        NoteTwice(Create(), inEngine: 2, own: 0, engineSlots: 8);

        Assert.Equal(4, _slots.Offered);
    }

    [Fact]
    public void Note_AnEngineThatDoesNotTell_OffersAll()
    {
        var owner = Create();
        NoteTwice(owner, inEngine: 2, own: 0);

        owner.Note(inEngine: null, own: 0, engineSlots: null);

        Assert.Equal((4, null), (_slots.Offered, owner.Local));
    }

    [Fact]
    public void Note_TheOwnerDoesNotWantIt_OffersAll()
    {
        _options.OwnerFirst = false;

        NoteTwice(Create(), inEngine: 3, own: 0);

        Assert.Equal(4, _slots.Offered);
    }

    private OwnerFirst Create() => new(_slots, Options.Create(_options), NullLogger<OwnerFirst>.Instance);

    private static void NoteTwice(OwnerFirst owner, int inEngine, int own, int? engineSlots = 4)
    {
        owner.Note(inEngine, own, engineSlots);
        owner.Note(inEngine, own, engineSlots);
    }
}
