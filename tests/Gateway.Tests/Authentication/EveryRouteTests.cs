using System.Globalization;
using System.Net.Http.Headers;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.OpenAI.Document;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.TestSupport.Network;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Gateway.Tests.Authentication;

/// <summary>
/// Deny by default: whatever is mapped is asked for without a key, and with a good key of each kind. Who may call what is said here a second
/// time, by the beginnings of paths; a route that nobody thought of is refused to everybody but consumers.
/// </summary>
[Trait("Category", "Integration")]
public sealed class EveryRouteTests(SharedMarket shared) : IClassFixture<SharedMarket>
{
    private static readonly string[] Kinds = [ApiKey.ConsumerPrefix, ApiKey.HosterPrefix, ApiKey.ManagementPrefix];

    private readonly Market _market = shared.Market;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Route_WithoutAKey_Is401UnlessItIsListedAsOpen()
    {
        var open = new List<string>();
        foreach (var (method, path) in PublicRoutes())
        {
            using var response = await AskAsync(_market.Public, method, path, key: null);
            if ((int)response.StatusCode != 401)
            {
                open.Add($"{method} {path}");
            }
        }

        Assert.Equal([$"GET {OpenApiDocument.Route}"], open);
    }

    [Fact]
    public async Task Route_WithEachKindOfKey_LetsInThoseThatItIsForOnly()
    {
        var wrong = new List<string>();
        foreach (var (method, path) in PublicRoutes().Where(route => route.Path != OpenApiDocument.Route))
        {
            foreach (var kind in Kinds)
            {
                using var response = await AskAsync(_market.Public, method, path, KeyOf(kind));
                if (((int)response.StatusCode != 401) != MayCall(kind, path))
                {
                    wrong.Add($"{method} {path} with {kind}: {(int)response.StatusCode}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task PublicRoute_OnTheHealthPort_IsNotThere()
    {
        foreach (var (method, path) in PublicRoutes())
        {
            using var response = await AskAsync(_market.Health, method, path, _market.Billing.Key);

            Assert.Equal(404, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task Answer_OfAnyRouteAndPort_DoesNotNameTheServer()
    {
        var asked = PublicRoutes().Select(route => (_market.Public, route.Method, route.Path))
            .Concat([(_market.Public, "GET", "/"), (_market.Health, "GET", "/health"), (_market.Health, "GET", "/nowhere")]);
        foreach (var (port, method, path) in asked)
        {
            using var response = await AskAsync(port, method, path, key: null);

            Assert.DoesNotContain(response.Headers, header => header.Key is "Server" or "X-Powered-By" or "X-AspNet-Version");
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("not-the-service-secret-of-the-tests")]
    [InlineData("ngk_")]
    public async Task InternalPort_WithoutTheServiceSecret_AnswersNothing(string? bearer)
    {
        var methods = Inference.Descriptor.Methods.Select(method => $"/{Inference.Descriptor.FullName}/{method.Name}");

        // A path that is not there must not be told from one that is.
        var answers = await InternalPort.AskAsync(
            _market.Internal, methods.Append("/nowhere").Append("/v1/models"), bearer == "ngk_" ? _market.Billing.Key : bearer, Token);

        var unauthenticated = ((int)StatusCode.Unauthenticated).ToString(CultureInfo.InvariantCulture);
        Assert.All(answers, answer => Assert.Equal((answer.Path, unauthenticated), answer));
    }

    private static bool MayCall(string kind, string path) => kind switch
    {
        ApiKey.HosterPrefix => path.StartsWith("/v1/nodes", StringComparison.Ordinal) || path.StartsWith("/v1/hosters", StringComparison.Ordinal),
        ApiKey.ManagementPrefix => path.StartsWith("/v1/keys", StringComparison.Ordinal) || IsOfBoth(path),
        _ => IsOfBoth(path) || !(MayCall(ApiKey.HosterPrefix, path) || MayCall(ApiKey.ManagementPrefix, path)),
    };

    private static bool IsOfBoth(string path) => path is "/v1/usage" or "/v1/credits";

    private string KeyOf(string kind) => kind switch
    {
        ApiKey.HosterPrefix => _market.Billing.HosterKey,
        ApiKey.ManagementPrefix => _market.Billing.ManagementKey,
        _ => _market.Billing.Key,
    };

    private IEnumerable<(string Method, string Path)> PublicRoutes() =>
        from endpoint in _market.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        where endpoint.PortRole() == PortRole.Public
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"]
        select (method, Path(endpoint));

    private static string Path(RouteEndpoint endpoint) => "/" + string.Join(
        '/', endpoint.RoutePattern.PathSegments.Select(segment => segment.Parts is [Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal] ? literal.Content : "x"));

    private static async Task<HttpResponseMessage> AskAsync(Uri port, string method, string path, string? key)
    {
        using var client = new HttpClient { BaseAddress = port };
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return await client.SendAsync(request, Token);
    }
}
