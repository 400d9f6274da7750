using System.Net;
using ComputeShare.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ComputeShare.HosterNode.Tests.Joining;

/// <summary>What of a gateway a hoster asks before it joins, on a real port.</summary>
internal sealed class FakeMarketplace : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeMarketplace(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public string Key { get; } = ApiKey.Create(ApiKey.HosterPrefix);

    /// <summary>As the gateway's own tests say it looks (Gateway.Tests/Hosters).</summary>
    public string Market { get; set; } = """{"object":"list","data":[]}""";

    public string Earnings { get; set; } =
        """{"object":"earnings","from":"2026-10-28","to":"2026-11-26","earned_usd":"12.5","data":[{"day":"2026-11-25","requests":3,"earned_usd":"12"},{"day":"2026-11-26","requests":1,"earned_usd":"0.5"}],"is_cut":false}""";

    public static async Task<FakeMarketplace> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var marketplace = new FakeMarketplace(builder.Build());
        marketplace._app.Run(marketplace.AnswerAsync);
        await marketplace._app.StartAsync(TestContext.Current.CancellationToken);
        return marketplace;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        var (status, body) = context.Request.Headers.Authorization != "Bearer " + Key
            ? (StatusCodes.Status401Unauthorized, """{"error":{"message":"Incorrect API key provided."}}""")
            : (string?)context.Request.Path switch
            {
                "/v1/hosters/me" => (StatusCodes.Status200OK, """{"object":"hoster","id":"acct_1","name":"gpu-farm"}"""),
                "/v1/hosters/market" when context.Request.Query["model"] == "computeshare/tiny" => (StatusCodes.Status200OK, Market),
                "/v1/hosters/earnings" when context.Request.Query["group_by"] == "day" => (StatusCodes.Status200OK, Earnings),
                _ => (StatusCodes.Status404NotFound, """{"error":{"message":"Unknown."}}"""),
            };
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body, context.RequestAborted);
    }
}
