using System.Globalization;
using System.Net;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>Redis may be lost at any time (DESIGN.md §3): nothing in it is worth money.</summary>
[Collection(nameof(Cluster))]
[Trait("Category", "Integration")]
public sealed class RedisAwayTests(Cluster cluster)
{
    private const int LongStream = 80;
    private static readonly TimeSpan WellAgainLimit = TimeSpan.FromSeconds(15);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redis_FlushedWhileAStreamRuns_StreamEndsAndRequestsAreServedWithinSeconds()
    {
        await cluster.BecomeWellAsync(Token);
        await using var stream = await cluster.Clients[0].OpenAsync(60, Token);
        await stream.ReadTokensAsync(2, Token);

        await cluster.Redis.FlushAsync();

        await Task.WhenAll(cluster.Clients.Select(client => Cluster.WaitUntilServedAsync(client, Token))).WaitAsync(WellAgainLimit, Token);
        await cluster.States.WaitForAsync("the nodes are known again", states => states.Count == 3, WellAgainLimit, Token);
        await AssertEndsWellAsync(stream);
    }

    [Fact]
    public async Task Redis_Stopped_NewRequestsAre503AndOpenStreamsGoOnAndAllIsWellWhenItIsBack()
    {
        await cluster.BecomeWellAsync(Token);
        await using var stream = await cluster.Clients[0].OpenAsync(LongStream, Token);
        await stream.ReadTokensAsync(2, Token);

        await cluster.Redis.StopAsync();
        try
        {
            foreach (var client in cluster.Clients)
            {
                var refused = await client.CompleteAsync(1, Token);
                Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
                Assert.True(int.Parse(refused.Header("retry-after"), CultureInfo.InvariantCulture) > 0);
            }

            await AssertEndsWellAsync(stream);
        }
        finally
        {
            await cluster.Redis.RestartAsync(Token);
        }

        await Task.WhenAll(cluster.Clients.Select(client => Cluster.WaitUntilServedAsync(client, Token))).WaitAsync(WellAgainLimit, Token);
        await cluster.Books.WaitUntilClosedAsync(Token);
    }

    private async Task AssertEndsWellAsync(ChatStream stream)
    {
        var answer = await stream.ReadToEndAsync(Token);
        Assert.True(answer.Completed, $"{answer}");
        var bill = await cluster.Books.BillAsync(answer.RequestId, Token);
        Assert.Equal(answer.Tokens, bill.Tokens);
        Assert.Equal((bill.Owed, bill.Owed), (bill.Paid, bill.Amount));
    }
}
