namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>SIGTERM, as at an update: what runs is finished.</summary>
[Collection(nameof(Cluster))]
[Trait("Category", "Integration")]
public sealed class TerminatedTests(Cluster cluster)
{
    private const int LongStream = 40;
    private static readonly TimeSpan StateLimit = TimeSpan.FromSeconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_ItsGatewayItsNodeAndOneOfEachServiceAreTerminated_EndsWellAndIsPaid()
    {
        await cluster.BecomeWellAsync(Token);
        await using var stream = await cluster.Clients[0].OpenAsync(LongStream, Token);
        await stream.ReadTokensAsync(2, Token);
        var working = "";
        await cluster.States.WaitForAsync(
            "a node works", states => (working = states.SingleOrDefault(node => node.Running > 0)?.Id ?? "").Length > 0, StateLimit, Token);
        Replica[] leaving = [cluster.Gateways[0], cluster.Nodes.Single(node => node.Name == working), cluster.Schedulers[0], cluster.Billings[0]];

        var left = Task.WhenAll(leaving.Select(replica => replica.TerminateAsync()));
        var answer = await stream.ReadToEndAsync(Token);

        Assert.True(answer is { Completed: true, Tokens: LongStream }, $"{answer}");
        Assert.All(await left, code => Assert.Equal(0, code));
        var bill = await cluster.Books.BillAsync(answer.RequestId, Token);
        Assert.Equal((LongStream, bill.Owed, bill.Owed), (bill.Tokens, bill.Paid, bill.Amount));
        // The other gateway goes on with what is left, and the nodes that stay know it.
        await Cluster.WaitUntilServedAsync(cluster.Clients[1], Token);
        await cluster.BecomeWellAsync(Token);
        await cluster.Books.WaitUntilClosedAsync(Token);
    }
}
