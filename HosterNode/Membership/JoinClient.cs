using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ComputeShare.HosterNode.Membership;

/// <summary>Asks a gateway to call this node: <c>POST /v1/nodes</c>.</summary>
internal sealed class JoinClient(GatewayTrust trust) : IDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    // Whatever answers there must not be able to fill this node's memory.
    private const int MostAnswerBytes = 64 * 1024;

    private readonly HttpClient _http = NewClient(trust);

    public async Task<JoinAnswer> AskAsync(Uri gateway, string hosterKey, JoinRequest request, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway, "/v1/nodes"));
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", hosterKey);
        message.Content = JsonContent.Create(request, JoinJsonContext.Default.JoinRequest);
        try
        {
            using var response = await _http.SendAsync(message, cancellationToken);
            return response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted
                && await ReadAsync(response, JoinJsonContext.Default.NodeJoined, cancellationToken) is { Gateway.Length: > 0, AskAgainMs: > 0 } joined
                ? new JoinAnswer(joined, response.StatusCode == HttpStatusCode.OK, "")
                : new JoinAnswer(null, false, await ReasonAsync(response, cancellationToken));
        }
        catch (Exception error) when (error is HttpRequestException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new JoinAnswer(null, false, GatewayTrust.Reason(error) ?? (error is HttpRequestException { HttpRequestError: var kind } ? kind.ToString() : "no answer in time"));
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpClient NewClient(GatewayTrust trust)
    {
        var handler = trust.NewHandler();
        // A gateway that was replaced under the same name is found at its new address.
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(1);
        return new HttpClient(handler) { Timeout = AnswerTimeout, MaxResponseContentBufferSize = MostAnswerBytes };
    }

    private static async Task<string> ReasonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var refusal = await ReadAsync(response, JoinJsonContext.Default.JoinRefused, cancellationToken);
        return $"{(int)response.StatusCode} {refusal?.Error?.Message}";
    }

    private static async Task<T?> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellationToken), type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <param name="Joined">Null: the gateway refused, or did not answer.</param>
/// <param name="IsIn">Requests can be placed on this node.</param>
/// <param name="Reason">Why not, safe to log.</param>
internal sealed record JoinAnswer(NodeJoined? Joined, bool IsIn, string Reason);

internal sealed record JoinRequest(string NodeId, string Address, string DialToken, string Incarnation, string Version)
{
    // A record's generated text would print the token.
    public override string ToString() => NodeId;
}

internal sealed record NodeJoined(string Gateway, long AskAgainMs);

internal sealed record JoinRefused(JoinError? Error);

internal sealed record JoinError(string? Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(JoinRequest))]
[JsonSerializable(typeof(NodeJoined))]
[JsonSerializable(typeof(JoinRefused))]
internal sealed partial class JoinJsonContext : JsonSerializerContext;
