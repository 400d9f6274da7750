using System.Net;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Generations;

[Trait("Category", "Integration")]
public sealed class GenerationsApiTests(SharedMarket shared, RedisServer redis) : IClassFixture<SharedMarket>
{
    // 2026-01-01T00:00:00Z.
    private const string Id = "019b76da-a800-7000-8000-0000000000aa";
    private static readonly string Bare = Id.Replace("-", "", StringComparison.Ordinal);

    private readonly Market _market = shared.Market;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("chatcmpl-")]
    [InlineData("cmpl-")]
    [InlineData("resp_")]
    [InlineData("req_")]
    [InlineData("")]
    [Trait("Wire", "26")]
    public async Task Generation_Settled_SaysWhatItUsedAndCost(string prefix)
    {
        _market.Billing.OnGetGeneration = request => Settled(request, _market.Billing.Record!.AccountId);

        var (status, body) = await GetAsync(prefix + Bare);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            $$$"""{"id":"chatcmpl-{{{Bare}}}","object":"generation","request_id":"req_{{{Bare}}}","created":1767225600,"status":"cancelled","outcome":"client_left","finish_reason":null,"operation":"chat","model":"auto","served_model":"computeshare/tiny","hoster":"demo-hoster","attempts":2,"streamed":true,"usage":{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":1}},"counts_are_bounded":true,"engine_usage":{"prompt_tokens":12,"completion_tokens":9},"cost":{"usd":"0.000001234","nano_usd":1234},"timing":{"queue_ms":3,"time_to_first_token_ms":40,"total_ms":500},"settled_at":1767225601}""",
            body);
    }

    [Fact]
    public async Task Generation_StillRunningHere_IsInProgress()
    {
        var release = new TaskCompletionSource();
        _market.Nodes[0].OnGenerate = async (_, frames, _) =>
        {
            await FakeNode.Tokens(frames, "some");
            await release.Task;
            await FakeNode.Ends(frames, 1);
        };
        using var stream = await _market.PostAsync(Wire.AskStream, untilHeaders: true);

        var (status, body) = await GetAsync(stream.Headers.GetValues("x-request-id").Single());
        release.SetResult();
        await stream.Content.ReadAsStringAsync(Token);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("\"status\":\"in_progress\"", body, StringComparison.Ordinal);
        Assert.Contains("\"cost\":null", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generation_OfAnotherAccountOrUnknown_Is404AtOnce()
    {
        _market.Billing.OnGetGeneration = request => Settled(request, "another");

        var before = _market.Billing.GenerationsAskedFor.Count;

        var (status, body) = await GetAsync(Bare);

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("\"code\":\"generation_not_found\"", body, StringComparison.Ordinal);
        Assert.Equal(before + 1, _market.Billing.GenerationsAskedFor.Count);
    }

    [Fact]
    public async Task Generation_JustEnded_IsWaitedFor()
    {
        var asked = 0;
        _market.Billing.OnGetGeneration = request => ++asked < 3 ? null : Settled(request, _market.Billing.Record!.AccountId);

        var (status, _) = await GetAsync(RequestId.New(TimeProvider.System).CompletionId);

        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task Generation_NewAndNeverSettled_Is404AfterTheWait()
    {
        await using var market = await Market.StartAsync(redis, 1, "--Generations:WaitForSettlement=00:00:00.2");
        using var client = market.CreateClient();

        using var response = await client.GetAsync(new Uri($"/v1/generations/{RequestId.New(TimeProvider.System).CompletionId}", UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.InRange(market.Billing.GenerationsAskedFor.Count, 2, 10);
    }

    [Fact]
    public async Task Generation_BillingAway_Is503()
    {
        _market.Billing.OnGetGeneration = _ => throw new Grpc.Core.RpcException(new Grpc.Core.Status(Grpc.Core.StatusCode.Unavailable, "away"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync(Bare)).Status);
    }

    private static Generation? Settled(GetGenerationRequest request, string owner) => request.AccountId != owner ? null : new Generation
    {
        RequestId = request.RequestId,
        Amount = 1234,
        SettledAt = 1_767_225_601_500,
        Shares = { new Share { NodeId = "n", PriceId = "p", PromptTokens = 10, CachedTokens = 2, CompletionTokens = 5 } },
        Record = new GenerationRecord
        {
            RequestedModel = "auto",
            ServedModel = "computeshare/tiny",
            HosterName = "demo-hoster",
            Status = GenerationStatus.Cancelled,
            Outcome = "client_left",
            Attempts = 2,
            Streamed = true,
            QueueMs = 3,
            TtftMs = 40,
            TotalMs = 500,
            CountsAreBounded = true,
            ReasoningTokens = 1,
            EngineCounts = new EngineCounts { PromptTokens = 12, CompletionTokens = 9 },
        },
    };

    private async Task<(HttpStatusCode Status, string Body)> GetAsync(string id)
    {
        using var client = _market.CreateClient();
        using var response = await client.GetAsync(new Uri($"/v1/generations/{id}", UriKind.Relative), Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }
}
