using System.Net;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>One key, one charge: over two gateways at once, and when the gateway that works on it dies.</summary>
[Collection(nameof(Cluster))]
[Trait("Category", "Integration")]
[Trait("Wire", "55")]
public sealed class IdempotencyKeyTests(Cluster cluster)
{
    private static readonly TimeSpan TakeOverLimit = TimeSpan.FromSeconds(40);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Key_SentAThousandTimesOverTwoGateways_IsChargedOnce()
    {
        await cluster.BecomeWellAsync(Token);
        await cluster.Books.WaitUntilClosedAsync(Token);
        var settled = await cluster.Books.CountSettledAsync(Token);
        var key = Guid.CreateVersion7().ToString();

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(index => cluster.Clients[index % 2].StreamAsync(5, Token, key)));

        var served = answers.Where(answer => answer.Status == HttpStatusCode.OK).ToArray();
        Assert.Single(served, answer => answer.Header("x-computeshare-replayed").Length == 0);
        var id = Assert.Single(served.Select(answer => answer.RequestId).Distinct());
        Assert.All(
            answers.Where(answer => answer.Status != HttpStatusCode.OK),
            answer => Assert.Equal((HttpStatusCode.Conflict, "idempotency_key_in_use"), (answer.Status, answer.Errors.Single())));
        var bill = await cluster.Books.BillAsync(id, Token);
        Assert.Equal((served[0].Tokens, bill.Owed), (bill.Tokens, bill.Paid));
        Assert.Equal(settled + 1, await cluster.Books.CountSettledAsync(Token));
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task Gateway_KilledInFlight_RetryTakesTheRequestOverAndOnlyThatIsPaid()
    {
        const int KilledAt = 20;
        await cluster.BecomeWellAsync(Token, (cluster.Gateways[0], "gateway.token", "kill@20"));
        var key = Guid.CreateVersion7().ToString();
        ChatAnswer killed = new(), retry = new();
        // A gateway that has just started answers 503 until the nodes have joined it again.
        await Poll.UntilAsync(
            "the gateway has died of it",
            async () => (killed = await cluster.Clients[0].StreamAsync(2 * KilledAt, Token, key)) is { Broken: true, Status: HttpStatusCode.OK },
            TakeOverLimit,
            Token);

        await Poll.UntilAsync(
            "the other gateway takes over",
            async () => (retry = await cluster.Clients[1].StreamAsync(2 * KilledAt, Token, key)).Status != HttpStatusCode.Conflict,
            TakeOverLimit,
            Token);

        Assert.True(retry.Completed, $"{retry}");
        Assert.Equal((killed.RequestId, ""), (retry.RequestId, retry.Header("x-computeshare-replayed")));
        var bill = await cluster.Books.BillAsync(retry.RequestId, Token);
        Assert.Equal((retry.Tokens, bill.Owed), (bill.Tokens, bill.Paid));
        await Poll.UntilAsync(
            "its answer is given again",
            async () => (await cluster.Clients[1].StreamAsync(2 * KilledAt, Token, key)).Header("x-computeshare-replayed") == "true",
            TakeOverLimit,
            Token);
        await cluster.BecomeWellAsync(Token);
        await cluster.Books.WaitUntilClosedAsync(Token);
    }
}
