using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Queueing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.Scheduler.Tests.Queueing;

/// <summary>A test looks the room through itself: the room's own look may have taken its order before the test let another waiter in.</summary>
public sealed class WaitingRoomTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _clock = new();
    private readonly CapacitySignal _capacity = new();
    private readonly WaitingRoom _room;
    private readonly List<string> _served = [];
    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _free;

    public WaitingRoomTests() => _room = new WaitingRoom(_capacity, Options.Create(new QueueOptions { Limit = 3 }), _clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _room.Dispose();

    [Fact]
    public async Task Wait_SlotsComeFree_AreServedInOrderOfArrival()
    {
        var waits = new[] { Enter("first"), Enter("second"), Enter("third") };

        await FreeAsync(2);
        await Task.WhenAll(waits[0], waits[1]);
        Assert.Equal(["first", "second"], _served);
        Assert.False(waits[2].IsCompleted);

        await FreeAsync(1);
        Assert.NotNull(await waits[2]);
        Assert.Equal(0, _room.Count);
    }

    [Fact]
    public async Task Wait_TooLong_EndsWithNothing()
    {
        var wait = Enter("first");

        _clock.Advance(Long);

        Assert.Null(await wait);
        Assert.Equal(0, _room.Count);
    }

    [Fact]
    public async Task Wait_LeaseExpiresUnannounced_IsFoundByTheNextLook()
    {
        await _room.StartAsync(Token);
        var wait = Enter("first");
        await _tried.Task;

        _free = 1;
        _clock.Advance(TimeSpan.FromMilliseconds(500));

        Assert.NotNull(await wait);
        await _room.StopAsync(Token);
    }

    [Fact]
    public async Task Wait_LeftWhileItsLeaseWasTaken_TheLeaseIsGivenBack()
    {
        var (taken, givenBack) = (new TaskCompletionSource<Reserved?>(), new TaskCompletionSource<Reserved>());
        var trying = new TaskCompletionSource();
        var waiter = new Waiter(
            "acme",
            1,
            [Reports.Model],
            () =>
            {
                trying.TrySetResult();
                return taken.Task;
            },
            late =>
            {
                givenBack.SetResult(late);
                return Task.CompletedTask;
            });
        Assert.True(_room.TryEnter(waiter));
        var wait = _room.WaitAsync(waiter, Long, Token);
        var look = _room.LookThroughAsync();
        await trying.Task;

        _clock.Advance(Long);
        Assert.Null(await wait);
        taken.SetResult(new Reserved { LeaseId = "late" });

        Assert.Equal("late", (await givenBack.Task).LeaseId);
        await look;
    }

    [Fact]
    public async Task Wait_OneAccountHasMany_AnothersOneComesBeforeThem()
    {
        var waits = new[] { Enter("a1"), Enter("a2"), Enter("b1", "bob") };

        await FreeAsync(1);
        await waits[0];
        await FreeAsync(1);
        await waits[2];

        Assert.Equal(["a1", "b1"], _served);
        Assert.False(waits[1].IsCompleted);
    }

    [Fact]
    public async Task Enter_RoomFullOfOneAccount_ItsYoungestMakesRoomForAnother()
    {
        var waits = new[] { Enter("a1"), Enter("a2"), Enter("a3") };

        var other = Enter("b1", "bob");

        Assert.Null(await waits[2]);
        await FreeAsync(2);
        await Task.WhenAll(waits[0], other);
        Assert.Equal(["a1", "b1"], _served);
    }

    [Fact]
    public void AnyoneWaitsFor_Auto_MayBeAnyModel()
    {
        _ = Enter("first");

        Assert.True(_room.AnyoneWaitsFor(["auto"]));
    }

    [Fact]
    public void AnyoneWaitsFor_OtherModels_IsFalse()
    {
        _ = Enter("first");

        Assert.True(_room.AnyoneWaitsFor(["acme/other", Reports.Model]));
        Assert.False(_room.AnyoneWaitsFor(["acme/other"]));
    }

    [Fact]
    public void Enter_FullRoom_IsRefused()
    {
        _ = new[] { Enter("first"), Enter("second"), Enter("third") };

        Assert.False(_room.TryEnter(new Waiter("acme", 1, [Reports.Model], () => Task.FromResult<Reserved?>(null), _ => Task.CompletedTask)));
    }

    private Task<Reserved?> Enter(string name, string account = "acme")
    {
        var waiter = new Waiter(account, 1, [Reports.Model], () => Task.FromResult(TryTake(name)), _ => Task.CompletedTask);
        Assert.True(_room.TryEnter(waiter));
        return _room.WaitAsync(waiter, Long, Token);
    }

    private Reserved? TryTake(string name)
    {
        if (_free == 0)
        {
            _tried.TrySetResult();
            return null;
        }

        _free--;
        _served.Add(name);
        return new Reserved();
    }

    private async Task FreeAsync(int slots)
    {
        _free += slots;
        await _room.LookThroughAsync();
    }
}
