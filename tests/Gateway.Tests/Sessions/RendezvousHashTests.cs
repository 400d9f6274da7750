using ComputeShare.Gateway.Sessions;

namespace ComputeShare.Gateway.Tests.Sessions;

public sealed class RendezvousHashTests
{
    private static readonly string[] Replicas = ["http://a:1/", "http://b:1/", "http://c:1/"];

    [Fact]
    public void Key_WhenAnotherReplicaLeaves_StaysWhereItWas()
    {
        var keys = Enumerable.Range(0, 1000).Select(i => $"account-{i}").ToArray();
        var before = keys.ToDictionary(key => key, key => Pick(key, Replicas));

        Assert.All(keys.Where(key => before[key] != Replicas[1]), key => Assert.Equal(before[key], Pick(key, [Replicas[0], Replicas[2]])));
        Assert.All(Replicas, replica => Assert.InRange(before.Values.Count(picked => picked == replica), 250, 420));
    }

    private static string Pick(string key, string[] replicas) => replicas.MaxBy(replica => RendezvousHash.Weight(key, replica))!;
}
