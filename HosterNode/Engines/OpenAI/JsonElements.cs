using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.OpenAI;

/// <summary>Reads an engine's JSON, in which anything may be missing or of another type than expected.</summary>
internal static class JsonElements
{
    /// <summary>The property; undefined where there is none, or this is no object.</summary>
    public static JsonElement Get(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    public static bool IsObject(this JsonElement element) => element.ValueKind == JsonValueKind.Object;

    public static bool IsSet(this JsonElement element) => element.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>The items; none where this is no array.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    /// <summary>The text; empty where this is none.</summary>
    public static string Text(this JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() ?? "" : "";
        }
        catch (InvalidOperationException)
        {
            // Not Unicode.
            return "";
        }
    }

    /// <summary>The whole number, 0 or more; null where this is none.</summary>
    public static int? Count(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var number) && number >= 0 ? number : null;
}
