using ComputeShare.Scheduler.Leases;

namespace ComputeShare.Scheduler.Tests.Leases;

public sealed class LeaseReleasesTests
{
    private readonly LeaseReleases _releases = new();
    private readonly List<(string Node, int Leases)> _scripts = [];
    private readonly List<LeaseId> _given = [];
    private readonly List<LeaseId> _givenBack = [];

    [Fact]
    public void Add_SeveralInOneTurn_LeaveTogetherByNode()
    {
        var added = InOneTurn(Enumerable.Range(0, 10).Select(i => i < 7 ? "a" : "b"));

        Assert.Equal([("a", 7), ("b", 3)], _scripts);
        Assert.All(added, release => Assert.True(release.IsCompletedSuccessfully));
    }

    [Fact]
    public void Add_MoreThanOneScriptTakes_EachIsGivenBackOnce()
    {
        InOneTurn(Enumerable.Repeat("a", 600));

        Assert.Equal([("a", 256), ("a", 256), ("a", 88)], _scripts);
        Assert.Equal(_given, _givenBack);
    }

    [Fact]
    public void Add_AfterAGroupHasLeft_LeavesWithTheNext()
    {
        InOneTurn(["a"]);
        InOneTurn(["a", "a"]);

        Assert.Equal([("a", 1), ("a", 2)], _scripts);
    }

    [Fact]
    public void Add_ScriptFails_EachOfTheGroupIsTold()
    {
        var added = InOneTurn(["fails", "fails", "a"]);

        Assert.Equal([true, true, false], added.Select(release => release.IsFaulted));
    }

    private Task[] InOneTurn(IEnumerable<string> nodes)
    {
        var turn = new Turn();
        var outside = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(turn);
        try
        {
            var added = nodes.Select(AddAsync).ToArray();
            turn.End();
            return added;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outside);
        }
    }

    private Task AddAsync(string node)
    {
        var lease = LeaseId.New(1, TimeProvider.System);
        _given.Add(lease);
        return _releases.AddAsync(lease, node, ReleaseAsync);
    }

    private Task ReleaseAsync(string node, IReadOnlyList<LeaseId> leases)
    {
        _scripts.Add((node, leases.Count));
        _givenBack.AddRange(leases);
        return node == "fails" ? Task.FromException(new TimeoutException()) : Task.CompletedTask;
    }

    /// <summary>What is to go on later goes on when the turn ends.</summary>
    private sealed class Turn : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Callback, object? State)> _later = new();

        public override void Post(SendOrPostCallback d, object? state) => _later.Enqueue((d, state));

        public void End()
        {
            while (_later.TryDequeue(out var next))
            {
                next.Callback(next.State);
            }
        }
    }
}
