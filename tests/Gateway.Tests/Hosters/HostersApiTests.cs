using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Hosters;

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

        using var response = await SendAsync("GET", "/v1/hosters/me");

        Assert.Equal(new GetHosterRequest { AccountId = "hoster" }, _market.Billing.Asked);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.Equal(
            """
            {"object":"hoster","id":"hoster","name":"alice","escrow_usd":"1.5","clearable_usd":"-0.000000001","cleared_usd":"25","payable_usd":"0","paid_out_usd":"100.000000001","threshold":{"is_met":false,"requests":99,"required_requests":100,"success_rate":0.98,"required_success_rate":0.95,"suspect_nodes":2,"window_seconds":2592000,"age_seconds":604800}}
            """,
            await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Nodes_LiveAndAway_AreTheAccountsOnlyAndSayHowTheyStand()
    {
        _market.Billing.OnAsked = _ => new HosterNodes
        {
            HasMore = true,
            Nodes =
            {
                new OwnedNode
                {
                    NodeId = "gpu-1", Created = 1_700_000_000_000, Requests = 12, OthersRequests = 10, Failures = 1, FailedAttempts = 2, Earned = 1_250_000_000,
                    Counts = { new ModelCounts { ModelId = "computeshare/tiny", Answers = 9, LastPerMillion = 1_004_000 } },
                    Probes = { new ModelProbes { ModelId = "computeshare/tiny", FoundInRow = 1, Reasons = { "differs", "held_back" } } },
                },
                new OwnedNode { NodeId = "gpu-2", Created = 1_700_000_000_000 },
            },
        };
        ListNodesRequest? asked = null;
        _market.Scheduler.OnListNodes = request =>
        {
            asked = request;
            return new ListNodesReply { Nodes = { Live("gpu-1", node => (node.CoolsUntil, node.FailureOutcome) = (1_800_000_000_001, "node_lost")) } };
        };

        using var response = await SendAsync("GET", "/v1/hosters/nodes?limit=2&after=gpu-0");

        Assert.Equal(new ListHosterNodesRequest { AccountId = "hoster", Limit = 2, After = "gpu-0" }, _market.Billing.Asked);
        Assert.Equal(["gpu-1", "gpu-2"], asked!.NodeIds);
        Assert.Equal(
            """
            {"object":"list","data":[{"object":"hoster.node","id":"gpu-1","state":"cooling_down","reason":"node_lost","until":1800000001,"since":1799999000,"uptime_seconds":61,"created_at":1700000000,"version":null,"engine":"llama.cpp","engine_version":null,"slots":{"total":4,"free":3},"models":[{"id":"computeshare/tiny","local_name":"tiny","in_catalogue":true,"context_length":4096,"quantization":"Q4_K_M","prices":{"input":"0.05","cached_input":"0","output":"0.2"},"ttft_ms":120.5,"ttft_p90_ms":null,"tokens_per_second":41.3}],"requests":12,"success_rate":0.75,"earned_usd":"1.25","token_counts":[{"model":"computeshare/tiny","answers":9,"ratio":1.004,"verdict":"honest","found_in_row":0,"barred_at":null}],"probes":[{"model":"computeshare/tiny","verdict":"found","found_in_row":1,"reasons":["differs","held_back"],"barred_at":null}],"gpus":[{"name":"H100","memory_bytes":85899345920,"memory_used_bytes":1024,"driver":"580","compute_capability":null,"utilization_percent":90,"temperature_celsius":60,"power_watts":300.5}]},{"object":"hoster.node","id":"gpu-2","state":"away","reason":null,"until":null,"since":null,"uptime_seconds":null,"created_at":1700000000,"version":null,"engine":null,"engine_version":null,"slots":null,"models":[],"requests":0,"success_rate":null,"earned_usd":"0","token_counts":[],"probes":[],"gpus":[]}],"has_more":true,"first_id":"gpu-1","last_id":"gpu-2"}
            """,
            await response.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("live", null)]
    [InlineData("draining", null)]
    [InlineData("barred", "token_counts")]
    [InlineData("barred", "probes")]
    [InlineData("away", null)]
    public async Task Node_InEachState_SaysSo(string state, string? reason)
    {
        _market.Billing.OnAsked = _ => new HosterNodes { Nodes = { new OwnedNode { NodeId = "gpu-1" } } };
        _market.Scheduler.OnListNodes = _ => state == "away" ? new ListNodesReply() : new ListNodesReply
        {
            Nodes =
            {
                Live("gpu-1", node =>
                {
                    node.Report.State.Draining = state != "live";
                    node.Report.CountsBarred = reason == "token_counts";
                    node.Report.ProbesBarred = reason == "probes";
                }),
            },
        };

        using var response = await SendAsync("GET", "/v1/hosters/nodes/gpu-1");

        var node = await JsonAsync(response);
        Assert.Equal((state, reason), (node.GetProperty("state").GetString(), node.GetProperty("reason").GetString()));
        Assert.Equal(new ListHosterNodesRequest { AccountId = "hoster", NodeId = "gpu-1", Limit = 1 }, _market.Billing.Asked);
    }

    [Fact]
    public async Task Node_ThatTheAccountHasNot_Is404AndNoSchedulerIsAsked()
    {
        _market.Billing.OnAsked = _ => new HosterNodes();
        _market.Scheduler.OnListNodes = _ => throw new InvalidOperationException("It was asked.");

        using var response = await SendAsync("GET", "/v1/hosters/nodes/another-hosters");

        Assert.Equal((HttpStatusCode.NotFound, "node_not_found"), (response.StatusCode, await CodeAsync(response)));
    }

    [Fact]
    public async Task Earnings_ByModelAndDay_AddUpAndAreTextsOfDollars()
    {
        _market.Billing.OnAsked = _ => Report();

        using var response = await SendAsync("GET", "/v1/hosters/earnings?from=2025-11-24&to=2025-11-25");

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

        using var response = await SendAsync("GET", "/v1/hosters/earnings?group_by=node&format=csv");

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
        using var response = await SendAsync("GET", $"/v1/hosters/earnings?{query}");

        Assert.Equal((HttpStatusCode.BadRequest, param), (response.StatusCode, (await ErrorAsync(response)).GetProperty("param").GetString()));
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

        using var response = await SendAsync("GET", "/v1/hosters/market?model=tiny");

        Assert.Equal("tiny", asked!.Model);
        Assert.Equal(
            """
            {"object":"list","data":[{"model":"computeshare/tiny","offers":3,"in_catalogue":true,"input":{"lowest":"0.05","median":"0.06","highest":"1"},"cached_input":{"lowest":"0","median":"0","highest":"0"},"output":{"lowest":"0.000000001","median":"0.000000001","highest":"0.000000001"}}]}
            """,
            await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Keys_OfTheHoster_AreMadeRotatedAndRevoked()
    {
        _market.Billing.OnAsked = asked => asked is CreateKeyRequest or RotateKeyRequest ? new NewKey { Key = Key(), Text = "ngh_text" } : Key();

        using var made = await SendAsync("POST", "/v1/hosters/keys", """{"name":"rig","expires_at":1800000000}""");
        Assert.Equal((HttpStatusCode.Created, "/v1/hosters/keys/key-1"), (made.StatusCode, made.Headers.Location?.ToString()));
        Assert.Equal("ngh_text", (await JsonAsync(made)).GetProperty("key").GetString());
        var terms = Assert.IsType<CreateKeyRequest>(_market.Billing.Asked).Terms;
        Assert.Equal(("rig", 1_800_000_000_000), (terms.Name, terms.ExpiresAt));

        using var rotated = await SendAsync("POST", "/v1/hosters/keys/key-1/rotate", """{"grace_seconds":60}""");
        Assert.Equal(new RotateKeyRequest { AccountId = "hoster", KeyId = "key-1", GraceMs = 60_000 }, _market.Billing.Asked);

        using var revoked = await SendAsync("DELETE", "/v1/hosters/keys/key-1");
        Assert.Equal(new AccountKeyRequest { AccountId = "hoster", KeyId = "key-1" }, _market.Billing.Asked);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (rotated.StatusCode, revoked.StatusCode));
    }

    [Fact]
    public async Task Keys_TermsOfConsumers_AreRefused()
    {
        using var response = await SendAsync("POST", "/v1/hosters/keys", """{"name":"rig","spend_caps":[]}""");

        Assert.Equal((HttpStatusCode.BadRequest, "spend_caps"), (response.StatusCode, (await ErrorAsync(response)).GetProperty("param").GetString()));
    }

    [Fact]
    public async Task Revoke_TheKeyThatCalls_NeedsToBeMeant()
    {
        _market.Billing.OnAsked = _ => Key();

        using var refused = await SendAsync("DELETE", "/v1/hosters/keys/hoster-key");
        Assert.Equal((HttpStatusCode.Conflict, "own_key"), (refused.StatusCode, await CodeAsync(refused)));
        Assert.Null(_market.Billing.Asked);

        using var meant = await SendAsync("DELETE", "/v1/hosters/keys/hoster-key?self=true");
        Assert.Equal(HttpStatusCode.OK, meant.StatusCode);
    }

    [Fact]
    public async Task Keys_WithAKeyThatEndsByItself_AreToldAndNotChanged()
    {
        _market.Billing.OnAsked = _ => Key();
        _market.Billing.HosterRecord = new KeyRecord { KeyId = "hoster-key", AccountId = "hoster", Kind = KeyKind.Hoster, ValidForMs = 60_000 };

        using var told = await SendAsync("GET", "/v1/hosters/keys/key-1");
        foreach (var (method, path) in new[] { ("POST", ""), ("PATCH", "/key-1"), ("DELETE", "/key-1"), ("POST", "/key-1/rotate") })
        {
            using var refused = await SendAsync(method, "/v1/hosters/keys" + path, method == "DELETE" ? null : "{}");
            Assert.Equal((HttpStatusCode.Forbidden, "insufficient_permissions"), (refused.StatusCode, await CodeAsync(refused)));
        }

        Assert.Equal(HttpStatusCode.OK, told.StatusCode);
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
            using var response = await SendAsync("GET", path, key: key);
            Assert.Equal((HttpStatusCode.Unauthorized, "invalid_api_key"), (response.StatusCode, await CodeAsync(response)));
        }
    }

    private static LiveNode Live(string id, Action<LiveNode> change)
    {
        var node = new LiveNode
        {
            Since = 1_799_999_000_000,
            UptimeMs = 61_999,
            SlotsTaken = 1,
            Measures = { new ModelMeasure { ModelId = "computeshare/tiny", TtftMs = 120.46, TokensPerSecond = 41.3 } },
            Report = new NodeReport
            {
                State = new NodeState
                {
                    NodeId = id,
                    Slots = 4,
                    Engine = "llama.cpp",
                    Models = { new ServedModel { LocalName = "tiny", ContextLength = 4096, Quantization = "Q4_K_M" } },
                    Gpus =
                    {
                        new Gpu
                        {
                            Name = "H100", MemoryBytes = 80UL << 30, MemoryUsedBytes = 1024, Driver = "580", Utilization = 90, TemperatureCelsius = 60, PowerWatts = 300.5f,
                        },
                    },
                },
                Offers =
                {
                    new Offer
                    {
                        LocalName = "tiny", ModelId = "computeshare/tiny", InCatalogue = true,
                        Price = new OfferedPrice { Prices = new Prices { Input = 50_000_000, Output = 200_000_000 } },
                    },
                },
            },
        };
        change(node);
        return node;
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

    private static AccountKey Key() => new()
    {
        KeyId = "key-1",
        Created = 1_700_000_000_000,
        Terms = new KeyTerms { AllowedModels = new ModelNames(), Limits = new KeyLimits(), SpendCaps = new SpendCaps() },
    };

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement;

    private static async Task<JsonElement> ErrorAsync(HttpResponseMessage response) => (await JsonAsync(response)).GetProperty("error");

    private static async Task<string?> CodeAsync(HttpResponseMessage response) => (await ErrorAsync(response)).GetProperty("code").GetString();

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string? body = null, string? key = null)
    {
        using var client = new HttpClient { BaseAddress = _market.Public };
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? _market.Billing.HosterKey);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return await client.SendAsync(request, Token);
    }
}
