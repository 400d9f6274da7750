using System.Globalization;
using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

/// <summary>Finds what <c>$ref</c> names within the document.</summary>
internal sealed class SchemaReferences(JsonElement root)
{
    public JsonElement Resolve(string pointer)
    {
        if (pointer != "#" && !pointer.StartsWith("#/", StringComparison.Ordinal))
        {
            throw new GrammarException("uses a $ref that is no pointer within the schema");
        }

        var found = root;
        foreach (var part in pointer[1..].Split('/').Skip(1))
        {
            found = Step(found, Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
        }

        return found;
    }

    private static JsonElement Step(JsonElement from, string name)
    {
        if (from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var property))
        {
            return property;
        }

        return from.ValueKind == JsonValueKind.Array
            && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < from.GetArrayLength()
            ? from[index]
            : throw new GrammarException("uses a $ref that leads nowhere", isWrong: true);
    }
}
