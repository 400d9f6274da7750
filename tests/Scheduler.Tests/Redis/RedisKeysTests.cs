using ComputeShare.Scheduler.Redis;

namespace ComputeShare.Scheduler.Tests.Redis;

public sealed class RedisKeysTests
{
    [Theory]
    [InlineData("n1")]
    [InlineData("0198c0ffee0198c0ffee")]
    [InlineData("a }node{ with: everything")]
    public void Keys_OfOneNode_AreInOneClusterSlot(string nodeId)
    {
        string[] keys = [RedisKeys.NodeState(nodeId), RedisKeys.NodeLeases(nodeId), RedisKeys.NodeReleases(nodeId), RedisKeys.NodeFailures(nodeId)];

        Assert.Single(keys.Select(HashTag).Distinct());
        Assert.NotEqual(HashTag(RedisKeys.NodeState(nodeId)), HashTag(RedisKeys.NodeState("x" + nodeId)));
    }

    // What a cluster hashes: from the first brace to the next closing one.
    private static string HashTag(string key) => key[(key.IndexOf('{', StringComparison.Ordinal) + 1)..key.IndexOf('}', StringComparison.Ordinal)];
}
