using System.Net;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;
using Grpc.Core;

namespace ComputeShare.Gateway.Tests.Webhooks;

/// <summary>A payment provider needs no key, and gets no further than Billing's look at its signature.</summary>
[Trait("Category", "Integration")]
public sealed class WebhooksApiTests(RedisServer redis) : IAsyncLifetime
{
    private Market _market = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _market = await Market.StartAsync(redis, 0, "--Webhooks:Providers:0=stripe");

    public ValueTask DisposeAsync() => _market.DisposeAsync();

    [Fact]
    public async Task Webhook_OfAConfiguredProvider_ReachesBillingByteForByte()
    {
        _market.Billing.OnAsked = _ => new WebhookReply { Outcome = "booked" };
        var body = " {\"id\": \"evt_1\" }\r\n\u00e9"u8.ToArray();

        using var response = await SendAsync("stripe", body, "t=1,v1=ab");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("""{"object":"webhook","outcome":"booked"}""", await response.Content.ReadAsStringAsync(Token));
        var asked = Assert.IsType<WebhookRequest>(_market.Billing.Asked);
        Assert.Equal(("stripe", "t=1,v1=ab"), (asked.Provider, asked.Signature));
        Assert.Equal(body, asked.Body.ToByteArray());
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument, HttpStatusCode.BadRequest)]
    [InlineData(StatusCode.NotFound, HttpStatusCode.NotFound)]
    [InlineData(StatusCode.Unavailable, HttpStatusCode.ServiceUnavailable)]
    public async Task Webhook_ThatBillingRefuses_IsAnsweredWithAnErrorObject(StatusCode status, HttpStatusCode expected)
    {
        _market.Billing.OnAsked = _ => throw new RpcException(new Status(status, "The signature is wrong."));

        using var response = await SendAsync("stripe", "{}"u8.ToArray(), "t=1,v1=ab");

        Assert.Equal(expected, response.StatusCode);
        Assert.Contains("\"error\"", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Webhook_TooLargeOrUnsigned_NeverReachesBilling()
    {
        using var large = await SendAsync("stripe", new byte[300 * 1024], "t=1,v1=ab");
        using var unsigned = await SendAsync("stripe", "{}"u8.ToArray(), signature: null);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.BadRequest), (large.StatusCode, unsigned.StatusCode));
        Assert.Null(_market.Billing.Asked);
    }

    [Fact]
    public async Task Webhook_OfAnotherProviderOrByAnotherMethod_IsNotThere()
    {
        using var other = await SendAsync("paypal", "{}"u8.ToArray(), "t=1,v1=ab");
        using var client = new HttpClient { BaseAddress = _market.Public };
        using var read = await client.GetAsync(new Uri("/v1/webhooks/stripe", UriKind.Relative), Token);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed), (other.StatusCode, read.StatusCode));
    }

    private async Task<HttpResponseMessage> SendAsync(string provider, byte[] body, string? signature)
    {
        using var client = new HttpClient { BaseAddress = _market.Public };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v1/webhooks/{provider}", UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        if (signature is not null)
        {
            request.Headers.Add("Stripe-Signature", signature);
        }

        return await client.SendAsync(request, Token);
    }
}
