namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>
/// The cheapest node accepts and never answers, the next one answers and never ends, the dearest is sound. One gateway and one scheduler,
/// with deadlines that a test can wait for.
/// </summary>
public sealed class HalfDeadCluster() : Cluster(new ClusterShape
{
    Gateways = 1,
    Schedulers = 1,
    Billings = 1,
    GatewaySettings = new Dictionary<string, string> { ["Streaming__FirstToken"] = "00:00:05", ["Streaming__BetweenTokens"] = "00:00:03" },
    SchedulerSettings = new Dictionary<string, string> { ["CoolDowns__FirstHalfDead"] = "00:05:00", ["CoolDowns__Longest"] = "00:05:00" },
    NodeSettings = number => number switch
    {
        1 => new Dictionary<string, string> { ["Engine__BuiltIn__Faults__StallAfter"] = "0" },
        2 => new Dictionary<string, string> { ["Engine__BuiltIn__Faults__StallAfter"] = "3" },
        _ => new Dictionary<string, string>(),
    },
});

[Trait("Category", "Integration")]
[Trait("Length", "Long")]
public sealed class HalfDeadTests(HalfDeadCluster cluster) : IClassFixture<HalfDeadCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Node_ThatHangs_IsFoundByADeadlineAndCostsTheNextRequestNothing()
    {
        // Before it was well, the cluster served a request of one token: past the first node, by the second.
        var found = await cluster.Clients[0].CompleteAsync(8, Token);
        Assert.True(found.Completed);
        Assert.Equal("2", found.Header("x-computeshare-attempts"));

        var next = await cluster.Clients[0].CompleteAsync(8, Token);
        Assert.True(next.Completed);
        Assert.Equal("1", next.Header("x-computeshare-attempts"));
        Assert.Equal(8, next.Tokens);
    }
}
