using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.OpenAI.Document;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.TestSupport;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Gateway.Tests.OpenAI;

/// <summary>The document is what is served: every public route, and every field that a reader knows.</summary>
[Trait("Category", "Integration")]
public sealed partial class OpenApiDocumentTests(SharedMarket shared) : IClassFixture<SharedMarket>
{
    private static readonly string[] Methods = ["get", "head", "post", "put", "patch", "delete"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Paths => [.. GenerationApi.Readers.Keys];

    [Fact]
    public async Task Document_WithoutAKey_IsServed()
    {
        using var client = new HttpClient { BaseAddress = shared.Market.Public };

        using var response = await client.GetAsync(new Uri(OpenApiDocument.Route, UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("3.", (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!["openapi"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Routes_ThatArePublic_AreTheDocuments()
    {
        var mapped = shared.Market.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.PortRole() == PortRole.Public)
            .Select(endpoint => (Path: PathOf(endpoint), Methods: endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []))
            .SelectMany(route => route.Methods.Select(method => $"{method} {route.Path}"));
        var documented = OpenApiFields.Document["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Where(operation => Methods.Contains(operation.Key)).Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}"));

        Assert.Equal(mapped.Distinct().Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    [Trait("Wire", "20")]
    public void Fields_ThatTheReaderKnows_AreTheDocuments(string path)
    {
        var known = WordsOfTheReaders().Where(word => OpenApiFields.IsKnown(path, word)).Order(StringComparer.Ordinal);

        Assert.Equal(known, OpenApiFields.Properties(path).Select(property => property.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void References_InTheDocument_LeadSomewhere()
    {
        foreach (var reference in Reference().Matches(OpenApiFields.Document.ToJsonString()).Select(match => match.Groups[1].Value))
        {
            Assert.NotNull(reference.Split('/').Aggregate((JsonNode?)OpenApiFields.Document, (node, part) => node?[part]));
        }
    }

    // Whatever a reader takes for a field's name stands in it as a text.
    private static HashSet<string> WordsOfTheReaders() =>
    [
        .. Directory.EnumerateFiles(Repository.PathOf("Gateway", "OpenAI"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Word().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value),
    ];

    private static string PathOf(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.Trim('/').Replace("**", "", StringComparison.Ordinal);

    [GeneratedRegex("\"([a-z][a-z0-9_]{0,40})\"")]
    private static partial Regex Word();

    [GeneratedRegex("\"\\$ref\":\"#/([^\"]+)\"")]
    private static partial Regex Reference();
}
