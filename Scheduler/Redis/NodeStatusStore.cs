using ComputeShare.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Redis;

/// <summary>How a node stands, as Redis has it: the same whichever Scheduler reads it.</summary>
/// <param name="Now">When it was read: milliseconds of Redis' clock, as all here.</param>
/// <param name="Since">Since when this process of the node has been reported without a break.</param>
/// <param name="SlotsTaken">By leases that have not ended.</param>
/// <param name="Failures">In a row.</param>
/// <param name="CoolsUntil">May have passed.</param>
/// <param name="FailureOutcome">How the last failed attempt ended.</param>
internal sealed record NodeStatus(long Now, long Since, uint SlotsTaken, uint Failures, long CoolsUntil, string FailureOutcome);

/// <summary>Reads it for whoever looks at a node; no decision waits for this.</summary>
internal sealed class NodeStatusStore(RedisScripts scripts)
{
    private static readonly RedisScript Read = RedisScript.Embedded<NodeStatusStore>("read-node.lua");

    /// <exception cref="RedisUnavailableException">Nothing is known for certain.</exception>
    public Task<NodeStatus> ReadAsync(string nodeId) => scripts.RunAsync(
        Read, [RedisKeys.NodeState(nodeId), RedisKeys.NodeLeases(nodeId), RedisKeys.NodeFailures(nodeId)], [], StatusOf);

    private static NodeStatus StatusOf(RedisResult answer)
    {
        var parts = (RedisResult[])answer!;
        var numbers = Array.ConvertAll(parts[..5], number => (long)number);
        var now = numbers[0];

        // A state from before there was a since: it begins now.
        var since = numbers[1] > 0 ? numbers[1] : now;
        return new NodeStatus(now, since, (uint)numbers[2], (uint)numbers[3], numbers[4], (string)parts[5]!);
    }
}
