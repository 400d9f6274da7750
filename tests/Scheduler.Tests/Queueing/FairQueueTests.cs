using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Queueing;

namespace ComputeShare.Scheduler.Tests.Queueing;

public sealed class FairQueueTests
{
    private readonly FairQueue _queue = new();

    [Fact]
    public void InOrder_AThousandOfOneAndOneOfAnother_TakeTurns()
    {
        for (var i = 0; i < 1000; i++)
        {
            Add("many");
        }

        Add("one");

        Assert.Equal(["many", "one", "many"], Order().Take(3));
    }

    [Fact]
    public void Serve_ThreeAccountsInABacklog_EachGetsItsThird()
    {
        foreach (var account in (string[])["a", "b", "c"])
        {
            for (var i = 0; i < (account == "a" ? 300 : 60); i++)
            {
                Add(account);
            }
        }

        var served = Enumerable.Range(0, 150).Select(_ => ServeNext()).CountBy(account => account).ToDictionary();

        Assert.Equal((50, 50, 50), (served["a"], served["b"], served["c"]));
    }

    [Fact]
    public void Serve_RequestsOfManySlots_CountByTheirSlots()
    {
        for (var i = 0; i < 100; i++)
        {
            Add("wide", slots: 4);
            Add("narrow");
        }

        var served = Enumerable.Range(0, 50).Select(_ => ServeNext()).CountBy(account => account).ToDictionary();

        Assert.Equal((10, 40), (served["wide"], served["narrow"]));
    }

    [Fact]
    public void Remove_WaitersThatLeftUnserved_CostTheirAccountNothing()
    {
        var left = Enumerable.Range(0, 100).Select(_ => Add("impatient")).ToArray();
        Add("other");
        Add("other");
        foreach (var waiter in left)
        {
            _queue.Remove(waiter, served: false);
        }

        Add("impatient");

        Assert.Equal(["other", "impatient", "other"], Order());
    }

    [Fact]
    public void Add_AfterALongAbsence_BringsNoSavedTurns()
    {
        for (var i = 0; i < 20; i++)
        {
            Add("steady");
        }

        for (var i = 0; i < 10; i++)
        {
            ServeNext();
        }

        for (var i = 0; i < 5; i++)
        {
            Add("back");
        }

        Assert.InRange(Order().Take(9).Count(account => account == "back"), 4, 5);
    }

    [Fact]
    public void WhoMakesRoomFor_AnAccountWithLess_IsTheYoungestOfTheOneWithMost()
    {
        Add("many");
        Add("few");
        Add("many");
        var youngest = Add("many");

        Assert.Same(youngest, _queue.WhoMakesRoomFor("new"));
        Assert.Same(youngest, _queue.WhoMakesRoomFor("few"));
        Assert.Null(_queue.WhoMakesRoomFor("many"));
    }

    [Fact]
    public void WhoMakesRoomFor_AllHaveTheSame_IsNobody()
    {
        Add("a");
        Add("b");

        Assert.Null(_queue.WhoMakesRoomFor("c"));
    }

    private Waiter Add(string account, int slots = 1)
    {
        var waiter = new Waiter(account, slots, [Reports.Model], () => Task.FromResult<Reserved?>(null), _ => Task.CompletedTask);
        _queue.Add(waiter);
        return waiter;
    }

    private string ServeNext()
    {
        var next = _queue.InOrder()[0];
        _queue.Remove(next, served: true);
        return next.AccountId;
    }

    private IEnumerable<string> Order() => _queue.InOrder().Select(waiter => waiter.AccountId);
}
