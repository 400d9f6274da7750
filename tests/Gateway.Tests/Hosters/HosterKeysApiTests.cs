using System.Net;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Hosters;

[Trait("Category", "Integration")]
public sealed class HosterKeysApiTests(RedisServer redis) : IAsyncLifetime
{
    private Market _market = null!;

    public async ValueTask InitializeAsync() => _market = await Market.StartAsync(redis, nodes: 0);

    public ValueTask DisposeAsync() => _market.DisposeAsync();

    [Fact]
    public async Task Keys_OfTheHoster_AreMadeRotatedAndRevoked()
    {
        _market.Billing.OnAsked = asked => asked is CreateKeyRequest or RotateKeyRequest ? new NewKey { Key = Key(), Text = "ngh_text" } : Key();

        using var made = await _market.SendAsHosterAsync("POST", "/v1/hosters/keys", """{"name":"rig","expires_at":1800000000}""");
        Assert.Equal((HttpStatusCode.Created, "/v1/hosters/keys/key-1"), (made.StatusCode, made.Headers.Location?.ToString()));
        Assert.Equal("ngh_text", (await made.JsonAsync()).GetProperty("key").GetString());
        var terms = Assert.IsType<CreateKeyRequest>(_market.Billing.Asked).Terms;
        Assert.Equal(("rig", 1_800_000_000_000), (terms.Name, terms.ExpiresAt));

        using var rotated = await _market.SendAsHosterAsync("POST", "/v1/hosters/keys/key-1/rotate", """{"grace_seconds":60}""");
        Assert.Equal(new RotateKeyRequest { AccountId = "hoster", KeyId = "key-1", GraceMs = 60_000 }, _market.Billing.Asked);

        using var revoked = await _market.SendAsHosterAsync("DELETE", "/v1/hosters/keys/key-1");
        Assert.Equal(new AccountKeyRequest { AccountId = "hoster", KeyId = "key-1" }, _market.Billing.Asked);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (rotated.StatusCode, revoked.StatusCode));
    }

    [Fact]
    public async Task Keys_TermsOfConsumers_AreRefused()
    {
        using var response = await _market.SendAsHosterAsync("POST", "/v1/hosters/keys", """{"name":"rig","spend_caps":[]}""");

        Assert.Equal((HttpStatusCode.BadRequest, "spend_caps"), (response.StatusCode, (await response.ErrorAsync()).GetProperty("param").GetString()));
    }

    [Fact]
    public async Task Revoke_TheKeyThatCalls_NeedsToBeMeant()
    {
        _market.Billing.OnAsked = _ => Key();

        using var refused = await _market.SendAsHosterAsync("DELETE", "/v1/hosters/keys/hoster-key");
        Assert.Equal((HttpStatusCode.Conflict, "own_key"), (refused.StatusCode, await refused.CodeAsync()));
        Assert.Null(_market.Billing.Asked);

        using var meant = await _market.SendAsHosterAsync("DELETE", "/v1/hosters/keys/hoster-key?self=true");
        Assert.Equal(HttpStatusCode.OK, meant.StatusCode);
    }

    [Fact]
    public async Task Keys_WithAKeyThatEndsByItself_AreToldAndNotChanged()
    {
        _market.Billing.OnAsked = _ => Key();
        _market.Billing.HosterRecord = new KeyRecord { KeyId = "hoster-key", AccountId = "hoster", Kind = KeyKind.Hoster, ValidForMs = 60_000 };

        using var told = await _market.SendAsHosterAsync("GET", "/v1/hosters/keys/key-1");
        foreach (var (method, path) in new[] { ("POST", ""), ("PATCH", "/key-1"), ("DELETE", "/key-1"), ("POST", "/key-1/rotate") })
        {
            using var refused = await _market.SendAsHosterAsync(method, "/v1/hosters/keys" + path, method == "DELETE" ? null : "{}");
            Assert.Equal((HttpStatusCode.Forbidden, "insufficient_permissions"), (refused.StatusCode, await refused.CodeAsync()));
        }

        Assert.Equal(HttpStatusCode.OK, told.StatusCode);
    }

    private static AccountKey Key() => new()
    {
        KeyId = "key-1",
        Created = 1_700_000_000_000,
        Terms = new KeyTerms { AllowedModels = new ModelNames(), Limits = new KeyLimits(), SpendCaps = new SpendCaps() },
    };
}
