using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Requests;

/// <summary>Reads JSON in which a member may be missing or of another type than expected.</summary>
internal static class JsonMembers
{
    /// <summary>The member; undefined where there is none, or this is no object.</summary>
    public static JsonElement GetMember(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    /// <summary>The member's text; null where it is none.</summary>
    public static string? GetText(this JsonElement element, string name) =>
        element.GetMember(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
