using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

/// <summary>Tells whether the alternatives of a <c>oneOf</c> exclude each other: then any of them is one of them.</summary>
internal static class SchemaBranches
{
    public static bool AreApart(IReadOnlyList<Schema> branches)
    {
        for (var i = 0; i < branches.Count; i++)
        {
            for (var other = 0; other < i; other++)
            {
                if (!AreApart(branches[i], branches[other]))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool AreApart(Schema left, Schema right)
    {
        if (Values(left) is { } some && Values(right) is { } others)
        {
            return !Overlap(some, others);
        }

        var (types, otherTypes) = (SchemaTypes.Of(left), SchemaTypes.Of(right));
        // Without a type, keywords about another kind of value exclude none of this one.
        if (left.Has("type") && right.Has("type") && !types!.Any(type => otherTypes!.Contains(type) || IsBothNumbers(type, otherTypes!)))
        {
            return true;
        }

        // Objects alone: another kind of value would need no property.
        return types is ["object"] && otherTypes is ["object"]
            && left.Required.Intersect(right.Required).Any(name => ValuesOf(left, name) is { } mine && ValuesOf(right, name) is { } theirs && !Overlap(mine, theirs));
    }

    private static bool IsBothNumbers(string type, IReadOnlyList<string> others) =>
        (type == "integer" && others.Contains("number")) || (type == "number" && others.Contains("integer"));

    private static bool Overlap(JsonElement[] left, JsonElement[] right) =>
        left.Any(value => right.Any(other => JsonElement.DeepEquals(value, other)));

    private static JsonElement[]? Values(Schema schema) => schema.Get("const") is { } only ? [only]
        : schema.Get("enum") is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : null;

    private static JsonElement[]? ValuesOf(Schema schema, string property)
    {
        foreach (var (name, value) in schema.Properties ?? [])
        {
            if (name == property && value.ValueKind == JsonValueKind.Object)
            {
                return Values(Schema.Read(value));
            }
        }

        return null;
    }
}
