namespace ComputeShare.EndToEnd.Tests.Faults;

[Collection(nameof(Cluster))]
[Trait("Category", "Integration")]
public sealed class ClientLeavesTests(Cluster cluster)
{
    private const int LongStream = 300;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StateLimit = TimeSpan.FromSeconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Wire", "46")]
    [Trait("Wire", "47")]
    public async Task Stream_ClientLeaves_NodeStopsWithinASecondAndDeliveredTokensArePaid()
    {
        await cluster.BecomeWellAsync(Token);
        var stream = await cluster.Clients[0].OpenAsync(LongStream, Token);
        await stream.ReadTokensAsync(3, Token);
        await cluster.States.WaitForAsync("a node works", states => states.Any(node => node.Running > 0), StateLimit, Token);

        await stream.DisposeAsync();

        await cluster.States.WaitForAsync("no node works", states => states.All(node => node is { Running: 0, Leased: 0 }), StopLimit, Token);
        var bill = await cluster.Books.BillAsync(stream.Answer.RequestId, Token);
        // Tokens that were on their way when the client left are delivered, as far as anybody can tell.
        Assert.InRange(bill.Tokens, stream.Answer.Tokens, LongStream / 2);
        Assert.Equal((bill.Owed, bill.Owed), (bill.Paid, bill.Amount));
        Assert.Equal("client_left", bill.Outcome);
        await cluster.Books.WaitUntilClosedAsync(Token);
    }
}
