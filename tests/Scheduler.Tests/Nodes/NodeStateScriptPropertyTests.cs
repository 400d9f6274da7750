using System.Globalization;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Redis;
using ComputeShare.TestSupport.Servers;
using FsCheck;
using FsCheck.Fluent;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Tests.Nodes;

/// <summary>Reports and departures of one node in any order: Redis' scripts and a Scheduler's own memory take the same of them for newest.</summary>
[Trait("Category", "Integration")]
public sealed class NodeStateScriptPropertyTests(RedisServer server) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private static readonly string Put = Scripts.Text("put-node-state.lua");
    private static readonly string Drop = Scripts.Text("drop-node-state.lua");

    private ConnectionMultiplexer _redis = null!;
    private int _cases;

    public async ValueTask InitializeAsync() => _redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public void Scripts_AnyOrderOfReports_AgreeWithTheRegistry() =>
        Prop.ForAll(Gen.ArrayOf(Words(), 40).ToArbitrary(), RunAsync).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    private static Gen<Word> Words() =>
        from left in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
        from incarnation in Gen.Elements("a", "b", "c", "d")
        from sequence in Gen.Frequency((8, Gen.Choose(1, 6).Select(number => (ulong)number)), (1, Gen.Constant(ulong.MaxValue)))
        select new Word(left, incarnation, sequence);

    private async Task RunAsync(Word[] words)
    {
        var key = RedisKeys.NodeState($"state-{++_cases}");
        var history = new NodeHistory();
        var known = false;
        foreach (var word in words)
        {
            if (word.Left)
            {
                // Of nothing that is known a departure is told all the same; both have nothing to forget then.
                var accepted = await RunAsync(Drop, key, word.Incarnation, Sortable(word), "gone", RedisKeys.NodesChannel, "writer");
                Assert.Equal(history.AcceptsDeparture(word.Incarnation, word.Sequence) || !known, accepted);
            }
            else
            {
                var accepted = await RunAsync(Put, key, word.Incarnation, Sortable(word), word.ToString(), 60_000, RedisKeys.NodesChannel, "writer");
                Assert.Equal(history.Accepts(word.Incarnation, word.Sequence), accepted);
                known = true;
                if (accepted)
                {
                    Assert.Equal(word.ToString(), (string?)await _redis.GetDatabase().HashGetAsync(key, "report"));
                }
            }
        }
    }

    private static string Sortable(Word word) => word.Sequence.ToString("D20", CultureInfo.InvariantCulture);

    private async Task<bool> RunAsync(string script, RedisKey key, params RedisValue[] arguments) =>
        ((long[])(await _redis.GetDatabase().ScriptEvaluateAsync(script, [key], arguments))!)[0] == 1;

    private sealed record Word(bool Left, string Incarnation, ulong Sequence);
}
