using System.Globalization;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.ServiceDefaults.Redis;
using Google.Protobuf;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Redis;

/// <summary>
/// Node states in Redis, shared by all Schedulers. The scripts decide which state is newest; what they accept is published as
/// 16 bytes of the writer's identity, then a <see cref="SchedulerCommand"/> with the report or the departure.
/// </summary>
internal sealed class NodeStateStore(RedisConnection connection, RedisScripts scripts)
{
    private const int OriginLength = 16;

    private static readonly RedisScript Put = RedisScript.Embedded<NodeStateStore>("put-node-state.lua");
    private static readonly RedisScript Drop = RedisScript.Embedded<NodeStateStore>("drop-node-state.lua");

    private readonly byte[] _origin = System.Security.Cryptography.RandomNumberGenerator.GetBytes(OriginLength);

    public Task PutAsync(NodeReport report, TimeSpan life) => scripts.RunAsync(Put, RedisKeys.NodeState(report.State.NodeId),
    [
        report.State.Incarnation,
        Sortable(report.State.Sequence),
        new SchedulerCommand { NodeReport = report }.ToByteArray(),
        (long)life.TotalMilliseconds,
        RedisKeys.NodesChannel,
        _origin,
    ]);

    public Task DropAsync(NodeGone gone) => scripts.RunAsync(Drop, RedisKeys.NodeState(gone.NodeId),
    [
        gone.Incarnation,
        Sortable(gone.LastSequence),
        new SchedulerCommand { NodeGone = gone }.ToByteArray(),
        RedisKeys.NodesChannel,
        _origin,
    ]);

    /// <summary>
    /// Calls <paramref name="heard"/> with what other Schedulers put and drop, one at a time, and <paramref name="reconnected"/> each
    /// time the subscription stands again: what was published in between is lost then. Lasts as long as the connection.
    /// </summary>
    public async Task SubscribeAsync(Action<SchedulerCommand> heard, Action reconnected)
    {
        var multiplexer = await connection.GetMultiplexerAsync();
        multiplexer.ConnectionRestored += (_, restored) =>
        {
            if (restored.ConnectionType == ConnectionType.Subscription)
            {
                reconnected();
            }
        };
        var messages = await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal(RedisKeys.NodesChannel));
        messages.OnMessage(message =>
        {
            ReadOnlyMemory<byte> bytes = message.Message;
            if (bytes.Length > OriginLength && !bytes.Span[..OriginLength].SequenceEqual(_origin)
                && TryParse(bytes.Span[OriginLength..]) is { } command)
            {
                heard(command);
            }
        });
    }

    /// <summary>Every state that Redis holds, with the rest of its life.</summary>
    public async IAsyncEnumerable<(NodeReport Report, TimeSpan Life)> LoadAllAsync()
    {
        var multiplexer = await connection.GetMultiplexerAsync();
        var database = multiplexer.GetDatabase();
        foreach (var server in multiplexer.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }))
        {
            await foreach (var key in server.KeysAsync(pattern: RedisKeys.EveryNodeState, pageSize: 1000))
            {
                var life = database.KeyTimeToLiveAsync(key);
                var report = TryParse(((ReadOnlyMemory<byte>)await database.HashGetAsync(key, "report")).Span)?.NodeReport;
                if (report is not null && await life is { } left)
                {
                    yield return (report, left);
                }
            }
        }
    }

    // Fixed width, so that the scripts compare text: Lua's numbers do not hold 64 bits.
    private static string Sortable(ulong sequence) => sequence.ToString("D20", CultureInfo.InvariantCulture);

    private static SchedulerCommand? TryParse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return bytes.IsEmpty ? null : SchedulerCommand.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
