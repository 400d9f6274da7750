using System.Diagnostics;
using System.Net.Http.Json;
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

        List<TelemetrySpan> spans = [];
        string json = "";
        await Poll.UntilAsync(
            $"trace {trace} has spans of all four services and no missing parent",
            async () =>
            {
                json = await ReadTraceAsync(trace);
                spans = TelemetrySpan.Parse(json);
                return Services.All(service => spans.Any(span => span.Service.StartsWith(service, StringComparison.Ordinal))) && spans.All(span => LeadsTo(span, caller, spans));
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

    private static bool LeadsTo(TelemetrySpan span, ActivitySpanId caller, List<TelemetrySpan> spans)
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
}
