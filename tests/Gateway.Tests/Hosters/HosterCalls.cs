using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ComputeShare.Gateway.Tests.Fakes;

namespace ComputeShare.Gateway.Tests.Hosters;

/// <summary>Calls of a hoster that looks after itself, and what is answered.</summary>
internal static class HosterCalls
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="key">Default: the hoster's.</param>
    public static async Task<HttpResponseMessage> SendAsHosterAsync(this Market market, string method, string path, string? body = null, string? key = null)
    {
        using var client = new HttpClient { BaseAddress = market.Public };
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? market.Billing.HosterKey);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return await client.SendAsync(request, Token);
    }

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement;

    public static async Task<JsonElement> ErrorAsync(this HttpResponseMessage response) => (await response.JsonAsync()).GetProperty("error");

    public static async Task<string?> CodeAsync(this HttpResponseMessage response) => (await response.ErrorAsync()).GetProperty("code").GetString();
}
