using System.Net;
using System.Text.Json;
using ComputeShare.Gateway.Tests.Fakes;

namespace ComputeShare.Gateway.Tests.Nodes.Tunnels;

/// <summary>Requests that the real node answers, one token after the other.</summary>
internal static class Ask
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Has the market place everything on this node.</summary>
    public static void PlaceOn(this Market market, params string[] nodes)
    {
        market.Scheduler.Nodes = nodes;
        market.Scheduler.OnLease = lease => lease.LocalModel = TunnelledNode.Model;
    }

    public static string Body(int tokens, bool stream) => JsonSerializer.Serialize(new
    {
        model = "auto",
        stream,
        max_tokens = tokens,
        min_tokens = tokens,
        temperature = 0,
        messages = new[] { new { role = "user", content = "Go on and on" } },
    });

    public static async Task<HttpStatusCode> StatusAsync(Market market)
    {
        using var answer = await market.PostAsync(Body(3, stream: false));
        return answer.StatusCode;
    }

    /// <summary>A stream whose first token has arrived.</summary>
    public static Task<HttpResponseMessage> StreamAsync(Market market, int tokens) => market.PostAsync(Body(tokens, stream: true), untilHeaders: true);

    public static Task<string> RestAsync(HttpResponseMessage stream) => stream.Content.ReadAsStringAsync(Token);
}
