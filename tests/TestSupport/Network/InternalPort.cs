using System.Net;
using System.Net.Http.Headers;

namespace ComputeShare.TestSupport.Network;

/// <summary>Asks a gRPC port as a stranger would, by plain HTTP/2 and without a body.</summary>
public static class InternalPort
{
    /// <param name="address">The port.</param>
    /// <param name="paths">Such as <c>/package.Service/Method</c>.</param>
    /// <param name="bearer">What stands in the authorization header; null: there is none.</param>
    /// <returns>Of each path the gRPC status in the answer's headers; empty where there is none, as after a handler has begun.</returns>
    public static async Task<IReadOnlyList<(string Path, string Status)>> AskAsync(
        Uri address, IEnumerable<string> paths, string? bearer, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = address };
        var answers = new List<(string, string)>();
        foreach (var path in paths)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent([]),
            };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
            request.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            answers.Add((path, response.Headers.TryGetValues("grpc-status", out var status) ? string.Concat(status) : ""));
        }

        return answers;
    }
}
