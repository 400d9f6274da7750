using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ComputeShare.HosterNode.Engines.OpenAI;
using ComputeShare.HosterNode.Membership;

namespace ComputeShare.HosterNode.Reporting;

/// <summary>The hoster's own account at a gateway, <c>/v1/hosters/…</c>, read with its key.</summary>
internal sealed class HosterApi : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    // Whatever answers there must not be able to fill this node's memory.
    private const int MostAnswerBytes = 1 << 20;

    private readonly HttpClient _http;

    public HosterApi(Uri gateway, string hosterKey, GatewayTrust trust)
    {
        _http = new HttpClient(trust.NewHandler())
        {
            BaseAddress = gateway,
            Timeout = AnswerLimit,
            MaxResponseContentBufferSize = MostAnswerBytes,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", hosterKey);
    }

    /// <summary>Asks who the key's hoster is.</summary>
    /// <returns>The answer's status, and the hoster's name; null where nobody answers, and the reason.</returns>
    public async Task<(HttpStatusCode? Status, string NameOrReason)> GreetAsync(CancellationToken cancellationToken)
    {
        var (status, body, reason) = await AskAsync("/v1/hosters/me", cancellationToken);
        return (status, status is null ? reason : body.Get("name").Text());
    }

    /// <summary>What others ask for a model; null where nobody offers it, or the gateway does not tell.</summary>
    public async Task<MarketPrices?> MarketAsync(string model, CancellationToken cancellationToken)
    {
        var (_, body, _) = await AskAsync("/v1/hosters/market?model=" + Uri.EscapeDataString(model), cancellationToken);
        return body.Get("data").Items().Select(MarketPrices.TryRead).FirstOrDefault(prices => prices is not null);
    }

    /// <summary>What the hoster has earned; null where the gateway does not tell.</summary>
    /// <param name="today">In UTC, as the gateway counts days.</param>
    public async Task<EarningStatus?> EarningsAsync(DateOnly today, CancellationToken cancellationToken)
    {
        var (status, body, _) = await AskAsync("/v1/hosters/earnings?group_by=day", cancellationToken);
        return status == HttpStatusCode.OK ? EarningReport.Read(body, today) : null;
    }

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode? Status, JsonElement Body, string Reason)> AskAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            return (response.StatusCode, Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken)), "");
        }
        catch (HttpRequestException error)
        {
            return (null, default, GatewayTrust.Reason(error) ?? error.HttpRequestError.ToString());
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, default, "no answer in time");
        }
    }

    private static JsonElement Parse(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
