using System.Net;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Authentication;

[Trait("Category", "Integration")]
public sealed class ApiKeyTests(RedisServer redis) : IAsyncLifetime
{
    private Market _market = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _market = await Market.StartAsync(redis);

    public ValueTask DisposeAsync() => _market.DisposeAsync();

    [Theory]
    [Trait("Wire", "3")]
    [Trait("Wire", "4")]
    [InlineData(null, null)]
    [InlineData("Bearer", "invalid_api_key")]
    [InlineData("Basic ngk_abc", "invalid_api_key")]
    [InlineData("Bearer ngk_junk", "invalid_api_key")]
    [InlineData("Bearer ngk_00000000000000000000000000000000000000", "invalid_api_key")]
    public async Task Key_MissingOrJunk_Is401WithoutALookUp(string? authorization, string? code)
    {
        using var response = await GetAsync(authorization);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains(code is null ? "\"code\":null" : $"\"code\":\"{code}\"", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(0, _market.Billing.LookUps);
    }

    [Theory]
    [InlineData(ApiKey.HosterPrefix)]
    [InlineData(ApiKey.ManagementPrefix)]
    public async Task Key_OfAnotherKind_DoesNotStandIn(string prefix)
    {
        using var response = await GetAsync("Bearer " + ApiKey.Create(prefix));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(0, _market.Billing.LookUps);
    }

    [Fact]
    [Trait("Wire", "4")]
    public async Task Key_WellFormedButUnknown_Is401AndRemembered()
    {
        var key = "Bearer " + ApiKey.Create(ApiKey.ConsumerPrefix);

        using var first = await GetAsync(key);
        using var second = await GetAsync(key);

        Assert.Equal(HttpStatusCode.Unauthorized, first.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, second.StatusCode);
        Assert.Equal(1, _market.Billing.LookUps);
    }

    [Theory]
    [Trait("Wire", "5")]
    [InlineData("Bearer {0}")]
    [InlineData("bearer {0}  ")]
    [InlineData("BEARER   {0}")]
    public async Task Key_Known_IsLetInHoweverTheSchemeIsWritten(string format)
    {
        using var response = await GetAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, format, _market.Billing.Key));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    [Trait("Wire", "5")]
    public async Task Key_InTheQuery_IsRefused()
    {
        using var client = new HttpClient { BaseAddress = _market.Public };

        using var response = await client.GetAsync(new Uri($"/v1/models?api_key={_market.Billing.Key}", UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Key_RevokedMeanwhile_IsReloadedByItsVersion()
    {
        using (await _market.PostAsync(Wire.Ask))
        {
            // Another gateway has seen a newer version of the account's keys.
            using var redisClient = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
            var account = _market.Billing.Record!.AccountId;
            await redisClient.GetDatabase().HashSetAsync($"{{a:{account}}}:limits", "version", 2);
            _market.Billing.Record = null;
        }

        using var response = await _market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Single(_market.Scheduler.Reserves);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Key_RevokedAndBillingSaysSo_IsRefusedLongBeforeItIsForgotten(bool byAccount)
    {
        await using var market = await Market.StartAsync(redis, nodes: 0, "--Authentication:KnownFor=00:05:00");
        using var client = market.CreateClient();
        var models = new Uri("/v1/models", UriKind.Relative);
        using var before = await client.GetAsync(models, Token);
        var record = market.Billing.Record!;
        market.Billing.Record = null;
        using var unheard = await client.GetAsync(models, Token);

        market.Billing.Tell(byAccount ? new KeyNotice { AccountId = record.AccountId, KeyVersion = record.KeyVersion + 1 } : new KeyNotice());

        await Poll.UntilAsync(
            "the key is refused",
            async () =>
            {
                using var after = await client.GetAsync(models, Token);
                return after.StatusCode == HttpStatusCode.Unauthorized;
            },
            TimeSpan.FromSeconds(20),
            Token);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (before.StatusCode, unheard.StatusCode));
    }

    [Fact]
    public async Task Key_BroughtByManyAtOnce_IsAskedForOnce()
    {
        var held = new TaskCompletionSource();
        _market.Billing.BeforeLookUp = held.Task;
        var asking = Enumerable.Range(0, 50).Select(_ => GetAsync($"Bearer {_market.Billing.Key}")).ToArray();
        await Poll.UntilAsync("it is asked for", () => _market.Billing.LookUps > 0, TimeSpan.FromSeconds(20), Token);

        held.SetResult();

        foreach (var response in await Task.WhenAll(asking))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            response.Dispose();
        }

        Assert.Equal(1, _market.Billing.LookUps);
    }

    [Fact]
    public async Task Key_OfAnotherAccountChanged_IsNotAskedForAgain()
    {
        using (await GetAsync($"Bearer {_market.Billing.Key}"))
        {
            _market.Billing.Tell(new KeyNotice { AccountId = "another", KeyVersion = 9 });
            _market.Billing.Tell(new KeyNotice { AccountId = _market.Billing.Record!.AccountId, KeyVersion = _market.Billing.Record.KeyVersion });
        }

        using var again = await GetAsync($"Bearer {_market.Billing.Key}");

        Assert.Equal(1, _market.Billing.LookUps);
    }

    [Fact]
    public async Task Key_ThatEndsSoon_IsAskedForAgainWhenItHas()
    {
        await using var market = await Market.StartAsync(redis, nodes: 0, "--Authentication:KnownFor=00:05:00");
        market.Billing.Record!.ValidForMs = 1;
        using var client = market.CreateClient();
        using var first = await client.GetAsync(new Uri("/v1/models", UriKind.Relative), Token);
        market.Billing.Record = null;

        await Poll.UntilAsync(
            "the key is refused",
            async () =>
            {
                using var after = await client.GetAsync(new Uri("/v1/models", UriKind.Relative), Token);
                return after.StatusCode == HttpStatusCode.Unauthorized;
            },
            TimeSpan.FromSeconds(20),
            Token);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
    }

    private async Task<HttpResponseMessage> GetAsync(string? authorization)
    {
        using var client = new HttpClient { BaseAddress = _market.Public };
        if (authorization is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        }

        return await client.GetAsync(new Uri("/v1/models", UriKind.Relative), Token);
    }
}
