using System.Net;
using System.Text;
using System.Text.Json;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Scheduling;

/// <summary>What a gateway asks a Scheduler, and what it tells its caller of the answer.</summary>
[Trait("Category", "Integration")]
public sealed class PlacementTests(RedisServer redis)
{
    private const string Text = "A prompt that is long enough to fill a block of two hundred and fifty-six bytes. ";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reserve_WithPreferences_CarriesThemTheKeysTermsAndTheHashes()
    {
        await using var market = await Market.StartAsync(redis);
        (market.Billing.Record!.Policy, market.Billing.Record.KeyVersion) = ("latency", 1);
        market.Billing.Record.AllowedModels.Add(["auto", "computeshare/tiny"]);

        using var response = await market.PostAsync(Ask("\"provider\":{\"only\":[\"demo-hoster\"],\"max_price\":{\"prompt\":1}},"));
        using var again = await market.PostAsync(Ask(""));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (response.StatusCode, again.StatusCode));
        var (first, second) = (market.Scheduler.Reserves.First(), market.Scheduler.Reserves.Last());
        Assert.Equal(("latency", 2, 1_000_000_000L), (first.Policy, first.AllowedModels.Count, first.Provider.MaxPriceInput));
        Assert.Equal(["demo-hoster"], first.Provider.Only);
        Assert.NotEmpty(first.PrefixHashes);
        Assert.Equal(first.PrefixHashes, second.PrefixHashes);
        Assert.False(first.Explain);
        // The engine's cache is the account's own, and no hash that a Scheduler sees tells its salt.
        var salts = market.Nodes[0].Requests.Select(request => request.CacheSalt).Distinct().ToArray();
        Assert.Equal(32, Assert.Single(salts).Length);
    }

    [Fact]
    public async Task Explain_StreamAfterAFailedAttempt_TellsBothInTheLastChunk()
    {
        await using var market = await Market.StartAsync(redis, nodes: 2);
        Explained(market);
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Fails(frames, FailureKind.EngineError);

        var body = await ExplainAsync(market, Wire.AskStream);

        var last = body.Split("\n\n").Last(part => part.Contains("finish_reason\":\"stop", StringComparison.Ordinal))["data: ".Length..];
        using var note = JsonDocument.Parse(last);
        var explain = note.RootElement.GetProperty("computeshare").GetProperty("explain");
        var attempts = explain.GetProperty("attempts");
        Assert.Equal(["node_failed", "completed"], attempts.EnumerateArray().Select(attempt => attempt.GetProperty("outcome").GetString()!));
        Assert.Equal(("demo-hoster", 7), (attempts[0].GetProperty("hoster").GetString(), attempts[0].GetProperty("candidates").GetInt32()));
        Assert.Equal(6, attempts[0].GetProperty("filtered").GetProperty("price").GetInt32());
        Assert.Equal(-12.5, attempts[1].GetProperty("score").GetProperty("load").GetDouble());
        Assert.Equal(24, explain.GetProperty("queue_ms").GetInt32());
        Assert.DoesNotContain("computeshare", body.Replace(last, "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_WholeAnswer_IsBesideTheChoices()
    {
        await using var market = await Market.StartAsync(redis);
        Explained(market);

        using var answer = JsonDocument.Parse(await ExplainAsync(market, Wire.Ask));

        var note = answer.RootElement.GetProperty("computeshare");
        Assert.Equal("completed", note.GetProperty("explain").GetProperty("attempts")[0].GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Explain_NobodyCan_IsBesideTheErrorAndTheMessageNamesTheFilter()
    {
        await using var market = await Market.StartAsync(redis);
        market.Scheduler.OnReserve = _ => new SchedulerAnswer
        {
            Refused = new Refused { Kind = RefusalKind.NothingFits, QueueMs = 15, Explanation = new Explanation { Candidates = 3, Filtered = { ["price"] = 3 } } },
        };

        using var response = await SendAsync(market, Wire.Ask, explain: true);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));

        var error = body.RootElement.GetProperty("error");
        Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(field => field.Name));
        Assert.Contains("3 by price", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("provider.max_price", error.GetProperty("param").GetString());
        Assert.Equal(3, body.RootElement.GetProperty("computeshare").GetProperty("explain").GetProperty("refused").GetProperty("candidates").GetInt32());
        Assert.Equal("15", Assert.Single(response.Headers.GetValues("x-computeshare-queue-ms")));
    }

    [Fact]
    public async Task Explain_NotAskedFor_IsNowhere()
    {
        await using var market = await Market.StartAsync(redis);
        market.Scheduler.OnReserve = _ => new SchedulerAnswer { Refused = new Refused { Kind = RefusalKind.NoNode } };

        using var response = await market.PostAsync(Wire.Ask);

        Assert.DoesNotContain("computeshare", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lease_AboveTheMaxPrice_IsGivenBackUnused()
    {
        await using var market = await Market.StartAsync(redis, options: "--Completions:FullNodes=0");

        using var response = await market.PostAsync(Ask("\"provider\":{\"max_price\":{\"completion\":0.1}},"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Empty(market.Nodes[0].Requests);
        Assert.Empty(market.Billing.Holds);
        Assert.Equal(AttemptResult.Blameless, (await market.Scheduler.ReleasedAsync(Token)).Report.Result);
    }

    [Fact]
    public async Task Fallbacks_NotAllowed_StayWithTheFirstHoster()
    {
        await using var market = await Market.StartAsync(redis, nodes: 2);
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Fails(frames, FailureKind.EngineError);

        using var response = await market.PostAsync(Ask("\"provider\":{\"allow_fallbacks\":false},"));

        Assert.Empty(market.Scheduler.Reserves.First().Provider.Only);
        Assert.Equal(["hoster"], market.Scheduler.Reserves.Last().Provider.Only);
    }

    [Fact]
    public async Task Queue_WaitedForAnEarlierAttempt_LeavesLessForTheNext()
    {
        await using var market = await Market.StartAsync(redis, nodes: 2, "--Scheduling:QueueTimeout=00:00:20");
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Fails(frames, FailureKind.EngineError);
        market.Scheduler.OnLease = lease => lease.QueueMs = 12_000;

        using var response = await market.PostAsync(Wire.Ask);

        Assert.Equal([20_000u, 8_000u], market.Scheduler.Reserves.Select(reserve => reserve.WaitMs));
        Assert.Equal("24000", Assert.Single(response.Headers.GetValues("x-computeshare-queue-ms")));
    }

    [Fact]
    public async Task Queue_ClientHangsUp_LeavesItAndGivesBackWhatCameLate()
    {
        await using var market = await Market.StartAsync(redis);
        using var client = market.CreateClient();
        using var leaving = new CancellationTokenSource();
        var room = new TaskCompletionSource();
        market.Scheduler.Room = room.Task;
        using var content = new StringContent(Wire.Ask, Encoding.UTF8, "application/json");
        var asking = client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content, leaving.Token);
        await Poll.UntilAsync("it waits", () => !market.Scheduler.Reserves.IsEmpty, Limit, Token);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await Poll.UntilAsync("the scheduler hears of it", () => !market.Scheduler.Cancels.IsEmpty, Limit, Token);
        room.SetResult();
        Assert.Equal(AttemptResult.Blameless, (await market.Scheduler.ReleasedAsync(Token)).Report.Result);
        Assert.Empty(market.Nodes[0].Requests);
    }

    private static string Ask(string more) =>
        $"{{\"model\":\"auto\",{more}\"messages\":[{{\"role\":\"user\",\"content\":\"{string.Concat(Enumerable.Repeat(Text, 10))}\"}}]}}";

    private static void Explained(Market market) => market.Scheduler.OnLease = lease =>
    {
        lease.QueueMs = 12;
        lease.Explanation = new Explanation { Candidates = 7, Filtered = { ["price"] = 6 }, Score = { ["load"] = -12.5 } };
    };

    private static async Task<string> ExplainAsync(Market market, string body)
    {
        using var response = await SendAsync(market, body, explain: true);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(Token);
    }

    private static async Task<HttpResponseMessage> SendAsync(Market market, string body, bool explain)
    {
        using var client = market.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/chat/completions", UriKind.Relative));
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (explain)
        {
            request.Headers.Add("x-computeshare-explain", "1");
        }

        return await client.SendAsync(request, Token);
    }
}
