using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;
using Grpc.Core;

namespace ComputeShare.Gateway.Tests.Keys;

[Trait("Category", "Integration")]
public sealed class KeysApiTests(RedisServer redis) : IAsyncLifetime
{
    private Market _market = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _market = await Market.StartAsync(redis, nodes: 0);

    public ValueTask DisposeAsync() => _market.DisposeAsync();

    [Fact]
    public async Task Create_AllTerms_ReachBillingAndTheKeyIsToldOnce()
    {
        _market.Billing.OnAsked = asked => new NewKey { Key = Key(((CreateKeyRequest)asked).Terms), Text = "ngk_text" };

        using var response = await SendAsync("POST", "/v1/keys", """
            {"name":"website","expires_at":1800000000,"allowed_models":["auto","computeshare/tiny"],"policy":"price",
             "limits":{"requests_per_minute":60,"tokens_per_minute":100000,"parallel_requests":4},
             "spend_caps":[{"window":"day","limit_usd":5},{"window":"month","limit_usd":50.000000001}]}
            """);

        Assert.Equal((HttpStatusCode.Created, "/v1/keys/key-1"), (response.StatusCode, response.Headers.Location?.ToString()));
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        var request = Assert.IsType<CreateKeyRequest>(_market.Billing.Asked);
        Assert.Equal(_market.Billing.Record!.AccountId, request.AccountId);
        Assert.Equal(1_800_000_000_000, request.Terms.ExpiresAt);
        Assert.Equal([("day", 5_000_000_000L), ("month", 50_000_000_001L)], request.Terms.SpendCaps.Caps.Select(cap => (cap.Window, cap.Amount)));
        Assert.Equal(
            """
            {"object":"api_key","id":"key-1","name":"website","key":"ngk_text","created_at":1700000000,"expires_at":1800000000,"revoked_at":null,"allowed_models":["auto","computeshare/tiny"],"spend_caps":[{"window":"day","limit_usd":5,"spent_usd":0,"held_usd":0,"resets_at":null},{"window":"month","limit_usd":50.000000001,"spent_usd":0,"held_usd":0,"resets_at":null}],"limits":{"parallel_requests":4,"requests_per_minute":60,"tokens_per_minute":100000},"policy":"price"}
            """,
            await response.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("""{"spend_cap":[]}""", "spend_cap")]
    [InlineData("""{"spend_caps":[{"window":"day","limit_usd":"5"}]}""", "spend_caps[0].limit_usd")]
    [InlineData("""{"spend_caps":[{"window":"day","limit_usd":0.0000000001}]}""", "spend_caps[0].limit_usd")]
    [InlineData("""{"spend_caps":[{"window":"day","limit_usd":-1}]}""", "spend_caps[0].limit_usd")]
    [InlineData("""{"spend_caps":[{"window":"day","limit_usd":1},{"window":"day","limit_usd":2}]}""", "spend_caps[1].window")]
    [InlineData("""{"spend_caps":[{"window":"fortnight","limit_usd":1}]}""", "spend_caps[0].window")]
    [InlineData("""{"spend_caps":[{"limit_usd":1}]}""", "spend_caps[0].window")]
    [InlineData("""{"limits":{"requests":1}}""", "limits.requests")]
    [InlineData("""{"limits":{"requests_per_minute":-1}}""", "limits.requests_per_minute")]
    [InlineData("""{"allowed_models":[1]}""", "allowed_models[0]")]
    [InlineData("""{"policy":"cheapest"}""", "policy")]
    [InlineData("""{"expires_at":"tomorrow"}""", "expires_at")]
    [InlineData("""{"name":"a\u0007b"}""", "name")]
    public async Task Create_WrongTerm_Is400NamingIt(string body, string param)
    {
        using var response = await SendAsync("POST", "/v1/keys", body);

        var error = await ErrorAsync(response);
        Assert.Equal((HttpStatusCode.BadRequest, param), (response.StatusCode, error.GetProperty("param").GetString()));
        Assert.Null(_market.Billing.Asked);
    }

    [Fact]
    public async Task Create_BillingRefusesATerm_Is400WithItsSentence()
    {
        _market.Billing.OnAsked = _ => throw new RpcException(
            new Status(StatusCode.InvalidArgument, "A key's end must be in the future."), new Metadata { { "param", "expires_at" } });

        using var response = await SendAsync("POST", "/v1/keys", """{"expires_at":1}""");

        var error = await ErrorAsync(response);
        Assert.Equal(
            (HttpStatusCode.BadRequest, "A key's end must be in the future.", "expires_at"),
            (response.StatusCode, error.GetProperty("message").GetString(), error.GetProperty("param").GetString()));
    }

    [Theory]
    [InlineData("GET", "/v1/keys/nobody")]
    [InlineData("PATCH", "/v1/keys/nobody")]
    [InlineData("DELETE", "/v1/keys/nobody")]
    [InlineData("POST", "/v1/keys/nobody/rotate")]
    public async Task AnyCall_KeyThatTheAccountHasNot_Is404(string method, string path)
    {
        using var response = await SendAsync(method, path, method == "PATCH" ? "{}" : null);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("key_not_found", (await ErrorAsync(response)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Calls_OfAKey_ReachBillingAsTheyAreMeant()
    {
        _market.Billing.OnAsked = asked => asked switch
        {
            RotateKeyRequest => new NewKey { Key = Key(new KeyTerms()), Text = "ngk_new" },
            ListKeysRequest => new KeyPage { Keys = { Key(new KeyTerms()) }, HasMore = true },
            _ => Key(new KeyTerms()),
        };
        var account = _market.Billing.Record!.AccountId;

        await IsAskedAsync(new AccountKeyRequest { AccountId = account, KeyId = "key-1" }, "GET", "/v1/keys/key-1");
        await IsAskedAsync(new AccountKeyRequest { AccountId = account, KeyId = "key-1" }, "DELETE", "/v1/keys/key-1");
        await IsAskedAsync(
            new ChangeKeyRequest { AccountId = account, KeyId = "key-1", Terms = new KeyTerms { ExpiresAt = 0, SpendCaps = new SpendCaps() } },
            "PATCH", "/v1/keys/key-1", """{"expires_at":null,"spend_caps":null}""");
        await IsAskedAsync(new RotateKeyRequest { AccountId = account, KeyId = "key-1" }, "POST", "/v1/keys/key-1/rotate");
        await IsAskedAsync(
            new RotateKeyRequest { AccountId = account, KeyId = "key-1", GraceMs = 60_000 }, "POST", "/v1/keys/key-1/rotate", """{"grace_seconds":60}""");
        var list = await IsAskedAsync(
            new ListKeysRequest { AccountId = account, Limit = 5, After = "key-9", WithRevoked = true }, "GET", "/v1/keys?limit=5&after=key-9&include_revoked=true");
        Assert.Contains("""
            "has_more":true,"first_id":"key-1","last_id":"key-1"
            """.Trim(), list, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/v1/keys")]
    [InlineData("POST", "/v1/keys")]
    [InlineData("DELETE", "/v1/keys/key-1")]
    public async Task Keys_WithAConsumersKey_Is401(string method, string path)
    {
        using var response = await SendAsync(method, path, method == "POST" ? "{}" : null, _market.Billing.Key);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Null(_market.Billing.Asked);
    }

    [Fact]
    public async Task Completion_WithAManagementKey_Is401()
    {
        using var response = await SendAsync("POST", "/v1/chat/completions", Wire.Ask, _market.Billing.ManagementKey);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Usage_WithAManagementKey_IsTheAccountsByKeyModelAndDay()
    {
        _market.Billing.OnAsked = _ => Report();

        using var response = await SendAsync("GET", "/v1/usage?start_time=1764028800&end_time=1764115200");

        var asked = Assert.IsType<GetUsageRequest>(_market.Billing.Asked);
        Assert.Equal(("", true, true, true), (asked.KeyId, asked.ByKey, asked.ByModel, asked.ByDay));
        Assert.Equal(
            """
            {"object":"usage","start_time":1764028800,"end_time":1764115200,"data":[{"day":"2025-11-25","key_id":"key-1","key_name":"=web, \"site\"","model":"computeshare/tiny","requests":3,"prompt_tokens":15,"cached_tokens":5,"completion_tokens":7,"cost_usd":0.000012345}],"is_cut":false}
            """,
            await response.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("/v1/usage?format=csv", "*/*")]
    [InlineData("/v1/usage", "text/csv")]
    public async Task Usage_AsCsv_IsQuotedAndNoFormula(string path, string accept)
    {
        _market.Billing.OnAsked = _ => Report();

        using var response = await SendAsync("GET", path, accept: accept);

        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            "day,key_id,key_name,model,requests,prompt_tokens,cached_tokens,completion_tokens,cost_usd\r\n"
            + "2025-11-25,key-1,\"'=web, \"\"site\"\"\",computeshare/tiny,3,15,5,7,0.000012345\r\n",
            await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Usage_WithAConsumersKey_IsItsOwnOnly()
    {
        _market.Billing.OnAsked = _ => new UsageReport();

        using var own = await SendAsync("GET", "/v1/usage?group_by=model", key: _market.Billing.Key);
        var asked = Assert.IsType<GetUsageRequest>(_market.Billing.Asked);
        using var others = await SendAsync("GET", "/v1/usage?key_id=key-2", key: _market.Billing.Key);

        Assert.Equal((HttpStatusCode.OK, "key", false, true), (own.StatusCode, asked.KeyId, asked.ByKey, asked.ByModel));
        Assert.Equal(HttpStatusCode.Forbidden, others.StatusCode);
    }

    [Theory]
    [InlineData("group_by=hoster", "group_by")]
    [InlineData("start_time=5&end_time=4", "start_time")]
    [InlineData("start_time=0&end_time=4000000000", "start_time")]
    [InlineData("end_time=soon", "end_time")]
    [InlineData("format=xml", "format")]
    public async Task Usage_WrongParameter_Is400NamingIt(string query, string param)
    {
        using var response = await SendAsync("GET", $"/v1/usage?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(param, (await ErrorAsync(response)).GetProperty("param").GetString());
    }

    [Fact]
    public async Task Credits_WithEitherKind_TellTheBalance()
    {
        _market.Billing.OnAsked = _ => new Credits { Balance = 2_500_000_000, Held = 1 };

        foreach (var key in new[] { _market.Billing.Key, _market.Billing.ManagementKey })
        {
            using var response = await SendAsync("GET", "/v1/credits", key: key);

            Assert.Equal(
                """{"object":"credits","balance_usd":2.5,"held_usd":0.000000001,"available_usd":2.499999999}""",
                await response.Content.ReadAsStringAsync(Token));
        }
    }

    private static UsageReport Report() => new()
    {
        Rows =
        {
            new UsageRow
            {
                KeyId = "key-1",
                KeyName = "=web, \"site\"",
                Model = "computeshare/tiny",
                Day = 1_764_028_800_000,
                Requests = 3,
                PromptTokens = 10,
                CachedTokens = 5,
                CompletionTokens = 7,
                Amount = 12_345,
            },
        },
    };

    private static AccountKey Key(KeyTerms terms)
    {
        terms.AllowedModels ??= new ModelNames();
        terms.Limits ??= new KeyLimits();
        terms.SpendCaps ??= new SpendCaps();
        return new AccountKey { KeyId = "key-1", Created = 1_700_000_000_000, Terms = terms };
    }

    private static async Task<JsonElement> ErrorAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("error");

    private async Task<string> IsAskedAsync(object request, string method, string path, string? body = null)
    {
        using var response = await SendAsync(method, path, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(request, _market.Billing.Asked);
        return await response.Content.ReadAsStringAsync(Token);
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string? body = null, string? key = null, string accept = "*/*")
    {
        using var client = new HttpClient { BaseAddress = _market.Public };
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? _market.Billing.ManagementKey);
        request.Headers.Accept.ParseAdd(accept);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return await client.SendAsync(request, Token);
    }
}
