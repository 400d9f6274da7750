using System.Text.Json;

namespace ComputeShare.TestSupport.Replicas;

/// <summary>A span as the Aspire dashboard's telemetry API tells it.</summary>
internal sealed record TelemetrySpan(string Service, string Id, string Parent, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>Reads the answer of <c>/api/telemetry/spans</c>; an empty one has none.</summary>
    public static List<TelemetrySpan> Parse(string json)
    {
        var spans = new List<TelemetrySpan>();
        if (json.Length == 0 || !JsonDocument.Parse(json).RootElement.GetProperty("data").TryGetProperty("resourceSpans", out var resources))
        {
            return spans;
        }

        foreach (var resource in resources.EnumerateArray())
        {
            var service = AttributesOf(resource.GetProperty("resource"))["service.name"];
            spans.AddRange(
                from scope in resource.GetProperty("scopeSpans").EnumerateArray()
                from span in scope.GetProperty("spans").EnumerateArray()
                select new TelemetrySpan(
                    service,
                    span.GetProperty("spanId").GetString()!,
                    span.TryGetProperty("parentSpanId", out var parent) ? parent.GetString()! : "",
                    AttributesOf(span)));
        }

        return spans;
    }

    private static Dictionary<string, string> AttributesOf(JsonElement element) => element.TryGetProperty("attributes", out var attributes)
        ? attributes.EnumerateArray().ToDictionary(
            attribute => attribute.GetProperty("key").GetString()!,
            attribute => attribute.GetProperty("value").EnumerateObject().Select(value => value.Value.ToString()).FirstOrDefault(""))
        : [];
}
