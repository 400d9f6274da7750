using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Tracing;

/// <summary>Reads a request's trace back from the real Aspire dashboard.</summary>
public sealed class OneTraceTests(Marketplace marketplace)
{
    private static readonly TimeSpan ExportLimit = TimeSpan.FromSeconds(45);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_WithATraceparent_IsOneTreeOverAllFourServices(bool stream)
    {
        const string Prompt = "a prompt that no span may hold";
        var trace = ActivityTraceId.CreateRandom();
        var caller = ActivitySpanId.CreateRandom();
        using var client = marketplace.CreateClient();
        client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{caller}-01");
        using var response = await client.PostAsJsonAsync(
            new Uri("chat/completions", UriKind.Relative),
            new { model = "auto", stream, max_tokens = 4, messages = new[] { new { role = "user", content = Prompt } } },
            Token);
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsStringAsync(Token);

        List<Span> spans = [];
        string json = "";
        await Poll.UntilAsync(
            $"trace {trace} has spans of all four services and no missing parent",
            async () =>
            {
                json = await ReadTraceAsync(trace);
                spans = Parse(json);
                return Services.All(service => spans.Any(span => span.Service == service)) && spans.All(span => LeadsTo(span, caller, spans));
            },
            ExportLimit,
            Token);

        var chat = Assert.Single(spans, span => span.Attributes.ContainsKey("gen_ai.operation.name") && span.Service == "gateway");
        Assert.Equal("chat", chat.Attributes["gen_ai.operation.name"]);
        Assert.Equal("auto", chat.Attributes["gen_ai.request.model"]);
        Assert.Equal("computeshare/tiny", chat.Attributes["gen_ai.response.model"]);
        Assert.Equal("4", chat.Attributes["gen_ai.usage.output_tokens"]);
        Assert.DoesNotContain(Prompt, json, StringComparison.Ordinal);
        Assert.DoesNotContain(marketplace.ApiKey, json, StringComparison.Ordinal);
    }

    private static readonly string[] Services = ["gateway", "scheduler", "hoster-node", "billing"];

    private async Task<string> ReadTraceAsync(ActivityTraceId trace)
    {
        using var telemetry = marketplace.CreateTelemetryClient();
        using var response = await telemetry.GetAsync(new Uri($"/api/telemetry/spans?traceId={trace}&limit=500", UriKind.Relative), Token);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(Token) : "";
    }

    private static List<Span> Parse(string json)
    {
        var spans = new List<Span>();
        if (json.Length == 0)
        {
            return spans;
        }

        var root = JsonDocument.Parse(json).RootElement;
        var data = root.TryGetProperty("data", out var wrapped) ? wrapped : root;
        if (!data.TryGetProperty("resourceSpans", out var resources))
        {
            return spans;
        }

        foreach (var resource in resources.EnumerateArray())
        {
            var service = Attributes(resource.GetProperty("resource"))["service.name"];
            spans.AddRange(
                from scope in resource.GetProperty("scopeSpans").EnumerateArray()
                from span in scope.GetProperty("spans").EnumerateArray()
                select new Span(
                    service.StartsWith("hoster-node", StringComparison.Ordinal) ? "hoster-node" : service,
                    span.GetProperty("spanId").GetString()!,
                    span.TryGetProperty("parentSpanId", out var parent) ? parent.GetString()! : "",
                    Attributes(span)));
        }

        return spans;
    }

    private static bool LeadsTo(Span span, ActivitySpanId caller, List<Span> spans)
    {
        for (var steps = 0; span.Parent != caller.ToHexString(); steps++)
        {
            if (steps > spans.Count || spans.Find(other => other.Id == span.Parent) is not { } parent)
            {
                return false;
            }

            span = parent;
        }

        return true;
    }

    private static Dictionary<string, string> Attributes(JsonElement element) => element.TryGetProperty("attributes", out var attributes)
        ? attributes.EnumerateArray().ToDictionary(
            attribute => attribute.GetProperty("key").GetString()!,
            attribute => attribute.GetProperty("value").EnumerateObject().First().Value.ToString())
        : [];

    private sealed record Span(string Service, string Id, string Parent, Dictionary<string, string> Attributes);
}
