using System.Buffers.Binary;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;
using Google.Protobuf;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Tests.Redis;

/// <summary>What one Scheduler sees, the others go by: two of them on one Redis.</summary>
[Trait("Category", "Integration")]
public sealed class ObservationTests(RedisServer redis) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private const int NodeCount = 12;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly List<IAsyncDisposable> _started = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await redis.FlushAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var started in Enumerable.Reverse(_started))
        {
            await started.DisposeAsync();
        }
    }

    [Fact]
    public async Task Conversation_OfFiveTurnsOverTwoSchedulers_StaysOnItsNode()
    {
        var schedulers = new[] { await StartAsync(), await StartAsync() };
        await ReportAsync(schedulers[0].Session, schedulers[1].Session);

        var nodes = new List<string>();
        for (var turn = 1; turn <= 5; turn++)
        {
            var (scheduler, session) = schedulers[turn % 2];
            await KnowsAsync(scheduler, turn - 1);
            var lease = await ReserveAsync(session, "conversation", turn);
            nodes.Add(lease.NodeId);
            await session.ReleaseAsync(lease);
        }

        Assert.Single(nodes.Distinct());
    }

    [Fact]
    public async Task Start_AfterTheOthers_KnowsWhatTheyKnow()
    {
        var (_, one) = await StartAsync();
        await ReportAsync(one);
        var lease = await ReserveAsync(one, "conversation", 3);
        var (scheduler, other) = await StartAsync();
        await KnowsAsync(scheduler, 3);

        Assert.Equal(lease.NodeId, (await ReserveAsync(other, "conversation", 4)).NodeId);
    }

    [Fact]
    public async Task Log_EntriesOfAnotherVersion_ArePassedOver()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        foreach (var strange in (string[])["{}", "null", "not JSON", "{\"Origin\":\"x\",\"Samples\":null}"])
        {
            await connection.GetDatabase().StreamAddAsync("scheduler:observations", "batch", strange);
        }

        await connection.GetDatabase().StreamAddAsync("scheduler:observations", "other", "field");
        var (_, one) = await StartAsync();
        await ReportAsync(one);
        await ReserveAsync(one, "conversation", 3);

        await KnowsAsync((await StartAsync()).Scheduler, 3);
    }

    [Fact]
    public async Task Prefix_ThatManyAskForAtOnce_SpreadsOverNodes()
    {
        var (_, one) = await StartAsync();
        await ReportAsync(one);

        var leases = new List<Reserved>();
        for (var i = 0; i < 20; i++)
        {
            leases.Add(await ReserveAsync(one, "hot", 4));
        }

        var perNode = leases.CountBy(lease => lease.NodeId).ToDictionary();
        Assert.InRange(perNode.Count, 5, NodeCount);
        // The first that holds it is preferred as long as it has room to spare.
        Assert.True(perNode[leases[0].NodeId] >= 3, "It was left too soon.");
    }

    [Fact]
    public async Task Failures_SeenByOne_LowerTheScoreAtTheOther()
    {
        const string Short = "--CoolDowns:First=00:00:00.01";
        var (one, other) = ((await StartAsync(Short)).Session, (await StartAsync(Short)).Session);
        await one.ReportAsync(Reports.Of("n1"));
        await other.ReportAsync(Reports.Of("n1"));

        await one.ReleaseAsync((await one.ReserveAsync()).Reserved, AttemptResult.NodeFailed);

        await Poll.UntilAsync("the other's score of errors is low", async () =>
        {
            var answer = await other.SendAsync(new SchedulerCommand { Reserve = new Reserve { Models = { Reports.Model }, Explain = true, WaitMs = 2000 } });
            await other.ReleaseAsync(answer.Reserved, AttemptResult.Blameless);
            return answer.Reserved.Explanation.Score["errors"] < -50;
        }, Limit, Token);
    }

    // The hashes of a prompt that grows by two blocks with each turn.
    private static async Task<Reserved> ReserveAsync(TestSession session, string prompt, int turn)
    {
        var reserve = new Reserve { Models = { Reports.Model }, PromptTokens = 10, MaxTokens = 10 };
        for (var block = 1; block <= 2 * turn; block++)
        {
            var hash = new byte[sizeof(ulong)];
            BinaryPrimitives.WriteInt64BigEndian(hash, (prompt.Length * 1000L) + block);
            reserve.PrefixHashes.Add(ByteString.CopyFrom(hash));
        }

        return (await session.SendAsync(new SchedulerCommand { Reserve = reserve })).Reserved;
    }

    // Asked of the table: a placement that did not know it would make another node a holder.
    private static Task KnowsAsync(TestScheduler scheduler, int turn) =>
        Poll.UntilAsync("it knows who holds the prefix", () => scheduler.KnownPrefixes >= 2 * turn, Limit, Token);

    private static async Task ReportAsync(params TestSession[] sessions)
    {
        foreach (var session in sessions)
        {
            await session.SendAsync([.. Enumerable.Range(0, NodeCount).Select(i => new SchedulerCommand { NodeReport = Reports.Of($"n{i}") })]);
        }
    }

    private async Task<(TestScheduler Scheduler, TestSession Session)> StartAsync(params string[] settings)
    {
        var scheduler = await TestScheduler.StartAsync(redis.ConnectionString, settings);
        _started.Add(scheduler);
        await Poll.UntilAsync("Redis is connected", async () => await scheduler.HealthAsync("/health") == "Healthy", Limit, Token);
        var session = scheduler.OpenSession();
        _started.Add(session);
        return (scheduler, session);
    }
}
