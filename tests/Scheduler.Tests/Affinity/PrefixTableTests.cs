using ComputeShare.Scheduler.Affinity;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Tests.Affinity;

public sealed class PrefixTableTests
{
    private readonly AffinityOptions _options = new();
    private readonly PrefixTable _table;
    private TimeSpan _now = TimeSpan.FromHours(1);

    public PrefixTableTests() => _table = new PrefixTable(Options.Create(_options));

    [Fact]
    public void Find_NextTurnOfAConversation_FindsItsNode()
    {
        Add("n1", 1, 2, 3);
        Add("n2", 7, 8);

        Assert.Equal([new PrefixHolder("n1", 0.75)], Find(1, 2, 3, 4));
        Assert.Empty(Find(9));
        Assert.Empty(Find());
    }

    [Fact]
    public void Find_SeveralHolders_LongestFirst()
    {
        Add("short", 1);
        Add("long", 1, 2, 3);

        Assert.Equal([new PrefixHolder("long", 0.75), new PrefixHolder("short", 0.25)], Find(1, 2, 3, 4));
    }

    [Fact]
    public void Find_AfterItsLife_NoLonger()
    {
        Add("n1", 1);
        _now += _options.Life - TimeSpan.FromSeconds(1);
        Assert.NotEmpty(Find(1));

        _now += TimeSpan.FromSeconds(1);
        Assert.Empty(Find(1));
    }

    [Fact]
    public void Add_MoreHoldersThanAreKept_KeepsTheNewest()
    {
        foreach (var node in (string[])["n1", "n2", "n3", "n4", "n5"])
        {
            Add(node, 1);
        }

        Assert.Equal(["n5", "n4", "n3", "n2"], Find(1).Select(holder => holder.NodeId));
    }

    [Fact]
    public void Add_Again_IsNewsOnlyWhenOthersWouldSoonForget()
    {
        Assert.Equal([1UL, 2UL], Add("n1", 1, 2));
        Assert.Equal([3UL], Add("n1", 1, 2, 3));
        _now += (_options.Life / 2) + TimeSpan.FromSeconds(1);
        Assert.Equal([1UL, 2UL, 3UL], Add("n1", 1, 2, 3));
    }

    [Fact]
    public void Add_MoreThanTheLimit_StaysBounded()
    {
        _options.Limit = 100;
        for (var i = 0UL; i < 1000; i++)
        {
            Add("n1", i);
        }

        Assert.InRange(_table.Count, 50, 100);
        Assert.NotEmpty(Find(999));
        Assert.Empty(Find(1));
    }

    private ulong[] Add(string node, params ulong[] prefixes) => _table.Add(prefixes, node, _now);

    private IReadOnlyList<PrefixHolder> Find(params ulong[] prefixes) => _table.Find(prefixes, _now);
}
