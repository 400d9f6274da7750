using System.Net;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Hosters;

/// <summary>What a hoster is told of its money, and of the market.</summary>
[Trait("Category", "Integration")]
public sealed class HostersApiTests(RedisServer redis) : IAsyncLifetime
{
    private Market _market = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _market = await Market.StartAsync(redis, nodes: 0);

    public ValueTask DisposeAsync() => _market.DisposeAsync();

    [Fact]
    public async Task Me_TellsMoneyAndHowItStandsAgainstTheThreshold()
    {
        _market.Billing.OnAsked = _ => new Hoster
        {
            AccountId = "hoster",
            Name = "alice",
            Escrow = 1_500_000_000,
            Clearable = -1,
            Cleared = 25_000_000_000,
            Payable = 0,
            PaidOut = 100_000_000_001,
            Standing = new ClearingStanding
            {
                Requests = 99,
                Failures = 1,
                FailedAttempts = 1,
                RequiredRequests = 100,
                RequiredSuccessPercent = 95,
                SuspectNodes = 2,
                WindowMs = 2_592_000_000,
                AgeMs = 604_800_000,
            },
        };

        using var response = await _market.SendAsHosterAsync("GET", "/v1/hosters/me");

        Assert.Equal(new GetHosterRequest { AccountId = "hoster" }, _market.Billing.Asked);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.Equal(
            """
            {"object":"hoster","id":"hoster","name":"alice","escrow_usd":"1.5","clearable_usd":"-0.000000001","cleared_usd":"25","payable_usd":"0","paid_out_usd":"100.000000001","threshold":{"is_met":false,"requests":99,"required_requests":100,"success_rate":0.98,"required_success_rate":0.95,"suspect_nodes":2,"window_seconds":2592000,"age_seconds":604800}}
            """,
            await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Earnings_ByModelAndDay_AddUpAndAreTextsOfDollars()
    {
        _market.Billing.OnAsked = _ => Report();

        using var response = await _market.SendAsHosterAsync("GET", "/v1/hosters/earnings?from=2025-11-24&to=2025-11-25");

        var asked = Assert.IsType<GetEarningsRequest>(_market.Billing.Asked);
        Assert.Equal(("hoster", 1_763_942_400_000, 1_764_115_200_000), (asked.AccountId, asked.From, asked.To));
        Assert.Equal((true, true, false), (asked.ByModel, asked.ByDay, asked.ByNode));
        Assert.Equal(
            """
            {"object":"earnings","from":"2025-11-24","to":"2025-11-25","earned_usd":"0.000012345","data":[{"day":"2025-11-25","model":"computeshare/tiny","requests":3,"prompt_tokens":15,"cached_tokens":5,"completion_tokens":7,"earned_usd":"0.000012345"}],"is_cut":false}
            """,
            await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Earnings_AsCsv_ArePlainNumbers()
    {
        _market.Billing.OnAsked = _ => Report(earned: -5);

        using var response = await _market.SendAsHosterAsync("GET", "/v1/hosters/earnings?group_by=node&format=csv");

        Assert.Equal("attachment; filename=earnings.csv", response.Content.Headers.ContentDisposition?.ToString());
        Assert.Equal(
            "day,model,node,requests,prompt_tokens,cached_tokens,completion_tokens,earned_usd\r\n,,gpu-1,3,15,5,7,-0.000000005\r\n",
            await response.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("group_by=key", "group_by")]
    [InlineData("from=2026-01-02&to=2026-01-01", "from")]
    [InlineData("from=2024-01-01&to=2026-01-01", "from")]
    [InlineData("from=yesterday", "from")]
    [InlineData("to=2026-13-01", "to")]
    [InlineData("format=xml", "format")]
    public async Task Earnings_WrongParameter_Is400NamingIt(string query, string param)
    {
        using var response = await _market.SendAsHosterAsync("GET", $"/v1/hosters/earnings?{query}");

        Assert.Equal((HttpStatusCode.BadRequest, param), (response.StatusCode, (await response.ErrorAsync()).GetProperty("param").GetString()));
        Assert.Null(_market.Billing.Asked);
    }

    [Fact]
    public async Task Market_OfAModel_IsTextsOfDollarsPerMillionTokens()
    {
        GetMarketRequest? asked = null;
        _market.Scheduler.OnGetMarket = request =>
        {
            asked = request;
            return new GetMarketReply
            {
                Models =
                {
                    new ModelMarket
                    {
                        ModelId = "computeshare/tiny", Offers = 3, InCatalogue = true,
                        Input = new PriceRange { Lowest = 50_000_000, Median = 60_000_000, Highest = 1_000_000_000 },
                        CachedInput = new PriceRange(),
                        Output = new PriceRange { Lowest = 1, Median = 1, Highest = 1 },
                    },
                },
            };
        };

        using var response = await _market.SendAsHosterAsync("GET", "/v1/hosters/market?model=tiny");

        Assert.Equal("tiny", asked!.Model);
        Assert.Equal(
            """
            {"object":"list","data":[{"model":"computeshare/tiny","offers":3,"in_catalogue":true,"input":{"lowest":"0.05","median":"0.06","highest":"1"},"cached_input":{"lowest":"0","median":"0","highest":"0"},"output":{"lowest":"0.000000001","median":"0.000000001","highest":"0.000000001"}}]}
            """,
            await response.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("/v1/hosters/me")]
    [InlineData("/v1/hosters/keys")]
    [InlineData("/v1/hosters/nodes")]
    [InlineData("/v1/hosters/earnings")]
    [InlineData("/v1/hosters/market")]
    public async Task AnyCall_WithAnotherKindOfKey_Is401(string path)
    {
        foreach (var key in new[] { _market.Billing.Key, _market.Billing.ManagementKey })
        {
            using var response = await _market.SendAsHosterAsync("GET", path, key: key);
            Assert.Equal((HttpStatusCode.Unauthorized, "invalid_api_key"), (response.StatusCode, await response.CodeAsync()));
        }
    }

    private static EarningsReport Report(long earned = 12_345) => new()
    {
        Earned = earned,
        Rows =
        {
            new EarningsRow
            {
                Model = "computeshare/tiny", NodeId = "gpu-1", Day = 1_764_028_800_000, Requests = 3, PromptTokens = 10, CachedTokens = 5, CompletionTokens = 7, Earned = earned,
            },
        },
    };
}
