using System.Globalization;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.ServiceDefaults.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Redis;

/// <summary>
/// Failures of nodes, counted in Redis for all Schedulers and over restarts. What changes is published; each Scheduler places by what it
/// has heard (<see cref="CoolDown"/>), so that a decision asks nobody.
/// </summary>
internal sealed class CoolDownStore(
    RedisConnection connection, RedisScripts scripts, CoolDowns coolDowns, IOptions<CoolDownOptions> options, TimeProvider clock,
    ILogger<CoolDownStore> logger)
{
    private static readonly RedisScript CountFailure = RedisScript.Embedded<CoolDownStore>("count-failure.lua");
    private static readonly RedisScript Forgive = RedisScript.Embedded<CoolDownStore>("forgive-failures.lua");
    private static readonly RedisScript Read = RedisScript.Embedded<CoolDownStore>("read-failures.lua");

    /// <param name="outcome">How the attempt ended; the node's hoster is told.</param>
    /// <exception cref="RedisUnavailableException">It may be counted or not.</exception>
    public async Task FailedAsync(string nodeId, bool isHalfDead, string outcome)
    {
        var first = isHalfDead ? options.Value.FirstHalfDead : options.Value.First;
        var answer = await scripts.RunAsync(
            CountFailure, RedisKeys.NodeFailures(nodeId), Milliseconds(first), Milliseconds(options.Value.Longest),
            Milliseconds(options.Value.Remember), RedisKeys.CoolDownsChannel, nodeId, outcome);
        NodesLog.NodeCoolsDown(logger, nodeId, answer[0], answer[1]);
        Hear(nodeId, answer);
    }

    /// <summary>Asks Redis only where a failure is known: nearly never.</summary>
    /// <exception cref="RedisUnavailableException">It may be forgiven or not.</exception>
    public async Task SucceededAsync(string nodeId)
    {
        if (coolDowns.Of(nodeId).Failures > 0)
        {
            Hear(nodeId, await scripts.RunAsync(Forgive, RedisKeys.NodeFailures(nodeId), RedisKeys.CoolDownsChannel, nodeId, Milliseconds(options.Value.Longest)));
        }
    }

    /// <summary>Takes over what Redis holds of a node.</summary>
    /// <exception cref="RedisUnavailableException">Nothing is taken over.</exception>
    public async Task LoadAsync(string nodeId) => Hear(nodeId, await scripts.RunAsync(Read, RedisKeys.NodeFailures(nodeId)));

    public async Task SubscribeAsync()
    {
        var subscriber = (await connection.GetMultiplexerAsync()).GetSubscriber();
        var messages = await subscriber.SubscribeAsync(RedisChannel.Literal(RedisKeys.CoolDownsChannel));
        messages.OnMessage(message =>
        {
            // The node's id comes last and may contain anything.
            if (((string?)message.Message)?.Split(' ', 4) is [var failures, var left, var version, var nodeId]
                && long.TryParse(failures, CultureInfo.InvariantCulture, out var count)
                && long.TryParse(left, CultureInfo.InvariantCulture, out var milliseconds)
                && long.TryParse(version, CultureInfo.InvariantCulture, out var microseconds))
            {
                Hear(nodeId, [count, milliseconds, microseconds]);
            }
        });
    }

    // Failures in a row, milliseconds left, version: as all scripts tell it. More than the longest is left where Redis' clock was set back.
    private void Hear(string nodeId, long[] state)
    {
        var left = Math.Min(state[1], options.Value.Longest.TotalMilliseconds);
        coolDowns.Of(nodeId).Hear((int)Math.Min(state[0], int.MaxValue), state[2], clock.GetElapsedTime(0) + TimeSpan.FromMilliseconds(left));
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
