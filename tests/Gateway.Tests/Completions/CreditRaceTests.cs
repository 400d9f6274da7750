using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Completions;

/// <summary>Credit for exactly k requests, and many more at once through three gateways and two Billings.</summary>
[Trait("Category", "Integration")]
public sealed class CreditRaceTests(RedisServer redis)
{
    private const int Served = 37;
    private const int Tokens = 4;
    private const long TokenPrice = 3;

    // One request in so many is a neighbour's, who has plenty.
    private const int NeighboursPart = 10;

    // More connections at once than this only wait in the machine's queues.
    private const int AtOnce = 200;

    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Credit_ForExactlyKRequestsRacedFor_ServesExactlyKAndNoNeighbourFails() => RaceAsync(2000);

    [Fact]
    [Trait("Length", "Long")]
    public Task Credit_ForExactlyKRequestsRacedForByTenThousand_ServesExactlyKAndNoNeighbourFails() => RaceAsync(10_000);

    private async Task RaceAsync(int requests)
    {
        await using var market = await MoneyMarket.StartAsync(redis, TokenPrice);
        market.Node.OnGenerate = (_, frames, _) => FakeNode.Says(frames, [.. Enumerable.Repeat("a", Tokens)]);
        var poor = await market.NewConsumerAsync(Served * Tokens * TokenPrice);
        var rich = await market.NewConsumerAsync(1_000_000_000);
        using var poorClient = Client(poor.Key);
        using var richClient = Client(rich.Key);

        var answers = new HttpStatusCode[requests];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, requests),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Token },
            async (index, cancellationToken) => answers[index] = await AskUntilServedOrRefusedAsync(
                index % NeighboursPart == 0 ? richClient : poorClient, market.Addresses[index % market.Addresses.Count], cancellationToken));

        var ofThePoor = answers.Where((_, index) => index % NeighboursPart != 0).ToArray();
        var ends = string.Join(", ", answers.CountBy(status => status));
        Assert.True(ofThePoor.Count(status => status == HttpStatusCode.OK) == Served, ends);
        Assert.All(ofThePoor, status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.PaymentRequired, $"{status}"));
        Assert.All(answers.Where((_, index) => index % NeighboursPart == 0), status => Assert.Equal(HttpStatusCode.OK, status));
        await Poll.UntilAsync("no hold is left", async () => await market.ScalarAsync($"SELECT count(*) FROM holds") == 0, SettleLimit, Token);
        Assert.Equal(0, await market.ScalarAsync($"SELECT balance FROM accounts WHERE id = '{poor.Account}'"));
        Assert.Equal(
            Served * Tokens * TokenPrice,
            await market.ScalarAsync($"SELECT sum(amount)::bigint FROM generations WHERE account_id = '{poor.Account}'"));
        Assert.Equal(0, await market.ScalarAsync($"SELECT sum(amount)::bigint FROM ledger_entries"));
        Assert.Equal(0, await market.ScalarAsync($"SELECT count(*) FROM ledger_entries WHERE book = 'platform:loss'"));
    }

    private static HttpClient Client(string key)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>What an SDK does with the 503 of a machine that is too busy for its own time limits: it comes again.</summary>
    private static async Task<HttpStatusCode> AskUntilServedOrRefusedAsync(HttpClient client, Uri gateway, CancellationToken cancellationToken)
    {
        HttpStatusCode status;
        while ((status = await AskAsync(client, gateway, cancellationToken)) == HttpStatusCode.ServiceUnavailable)
        {
            await Task.Delay(Poll.Interval, TimeProvider.System, cancellationToken);
        }

        return status;
    }

    /// <summary>200 only for an answer in full.</summary>
    private static async Task<HttpStatusCode> AskAsync(HttpClient client, Uri gateway, CancellationToken cancellationToken)
    {
        using var content = new StringContent(
            $$"""{"model":"auto","temperature":0,"max_tokens":{{Tokens}},"messages":[{"role":"user","content":"Hi"}]}""", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(gateway, "/v1/chat/completions"), content, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.StatusCode == HttpStatusCode.OK && !body.Contains(new string('a', Tokens), StringComparison.Ordinal)
            ? HttpStatusCode.PartialContent
            : response.StatusCode;
    }
}
