using System.Net;

namespace ComputeShare.Gateway.Nodes;

/// <summary>How calls get to a node.</summary>
/// <param name="Http">Over the one HTTP/2 connection to it, or through another gateway.</param>
/// <param name="Authority">What calls name as their host.</param>
/// <param name="Headers">What each call carries beside its own: that its caller may call, and through whom.</param>
internal sealed record NodeWay(HttpMessageInvoker Http, Uri Authority, params IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    public static KeyValuePair<string, string> Bearer(string secret) => new("authorization", "Bearer " + secret);

    /// <summary>A call as gRPC makes one. Its content says itself of which type it is.</summary>
    /// <param name="path">Of service and method.</param>
    /// <param name="content">The caller's messages.</param>
    public HttpRequestMessage NewCall(string path, HttpContent content)
    {
        var call = new HttpRequestMessage(HttpMethod.Post, new Uri(Authority, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        call.Headers.TryAddWithoutValidation("te", "trailers");
        foreach (var (name, value) in Headers)
        {
            call.Headers.TryAddWithoutValidation(name, value);
        }

        return call;
    }

    // A record's generated text would print what the headers carry.
    public override string ToString() => Authority.ToString();
}
