using System.Text;
using System.Text.Json.Nodes;
using ComputeShare.TestSupport;

namespace ComputeShare.Gateway.Tests.OpenAI;

/// <summary>
/// The tables of docs/api.md are made here, from the OpenAPI document and from what the readers do with each field. Run with
/// COMPUTESHARE_UPDATE_SNAPSHOTS=1 to write them; what stands between them is written by hand.
/// </summary>
public sealed class ApiPageTests
{
    private const string Begin = "<!-- made by ApiPageTests: COMPUTESHARE_UPDATE_SNAPSHOTS=1 writes it anew -->\n";
    private const string End = "<!-- end -->\n";

    [Fact]
    public async Task Page_Tables_AreWhatIsServed()
    {
        var file = Repository.PathOf("docs", "api.md");
        var page = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, page.IndexOf(End, StringComparison.Ordinal));
        var expected = page[..begin] + Tables() + page[end..];
        if (Environment.GetEnvironmentVariable("COMPUTESHARE_UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(file, expected, TestContext.Current.CancellationToken);
        }

        Assert.Equal(expected, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    private static string Tables()
    {
        var text = new StringBuilder("\n### Endpoints\n\n| Endpoint | Key | What it does |\n| --- | --- | --- |\n");
        foreach (var (path, operations) in OpenApiFields.Document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                text.Append($"| `{method.ToUpperInvariant()} {path}` | {Keys(operation!)} | {operation!["summary"]} |\n");
            }
        }

        foreach (var path in OpenApiFields.GenerationPaths)
        {
            text.Append($"\n### `POST {path}`\n\n| Field | State | Notes |\n| --- | --- | --- |\n");
            foreach (var (name, property) in OpenApiFields.Properties(path))
            {
                text.Append($"| `{name}` | {OpenApiFields.State(path, name)} | {property!["description"]} |\n");
            }
        }

        return text.Append('\n').ToString();
    }

    private static string Keys(JsonNode operation) => operation["security"]!.AsArray() is { Count: > 0 } keys
        ? string.Join(" or ", keys.Select(key => key!.AsObject().Single().Key.Replace("Key", "", StringComparison.Ordinal)))
        : "none";
}
