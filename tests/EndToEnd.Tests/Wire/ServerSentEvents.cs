using System.Text.Json;

namespace ComputeShare.EndToEnd.Tests.Wire;

/// <summary>
/// Reads a stream as the official Python SDK does, which cannot be had on this kind of machine: only <c>data:</c> lines count,
/// <c>[DONE]</c> ends, an event with a truthy <c>error</c> is a failure, and an end without <c>[DONE]</c> goes unnoticed there, so
/// here it is reported.
/// </summary>
internal static class ServerSentEvents
{
    public static (List<JsonElement> Events, bool Done) Read(string body)
    {
        var events = new List<JsonElement>();
        foreach (var block in body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (var line in block.Split('\n').Where(line => line.StartsWith("data:", StringComparison.Ordinal)))
            {
                var data = line["data:".Length..].Trim();
                if (data == "[DONE]")
                {
                    return (events, true);
                }

                events.Add(JsonDocument.Parse(data).RootElement);
            }
        }

        return (events, false);
    }

    public static string TextOf(IEnumerable<JsonElement> events) => string.Concat(events
        .SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray())
        .Select(choice => choice.GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : ""));
}
