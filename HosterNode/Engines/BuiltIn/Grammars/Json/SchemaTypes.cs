using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

/// <summary>What kinds of value a schema allows.</summary>
internal static class SchemaTypes
{
    private static readonly string[] All = ["object", "array", "string", "number", "integer", "boolean", "null"];

    private static readonly (string Keyword, string Type)[] Hints =
    [
        ("additionalProperties", "object"), ("minProperties", "object"), ("maxProperties", "object"),
        ("items", "array"), ("prefixItems", "array"), ("minItems", "array"), ("maxItems", "array"),
        ("minLength", "string"), ("maxLength", "string"), ("pattern", "string"), ("format", "string"),
        ("minimum", "number"), ("maximum", "number"), ("exclusiveMinimum", "number"), ("exclusiveMaximum", "number"),
    ];

    /// <summary>
    /// What <c>type</c> says; without it the kind that the other keywords are about, for which alone they mean anything. Null when they say
    /// nothing either.
    /// </summary>
    public static IReadOnlyList<string>? Of(Schema schema)
    {
        if (schema.Get("type") is { } type)
        {
            return Read(type);
        }

        if (schema.Properties is not null || schema.Required.Count > 0)
        {
            return ["object"];
        }

        return Hints.Where(hint => schema.Has(hint.Keyword)).Select(hint => hint.Type).Take(1).ToArray() is { Length: 1 } hinted ? hinted : null;
    }

    /// <summary>The types that both allow, as a schema writes them.</summary>
    public static JsonElement Both(JsonElement left, JsonElement right)
    {
        var (first, second) = (Read(left), Read(right));
        var both = first.Where(type => second.Contains(type) || (type == "integer" && second.Contains("number")))
            .Concat(second.Where(type => type == "integer" && first.Contains("number")))
            .Distinct();
        return JsonSerializer.SerializeToElement(both.ToArray(), SchemaJson.Default.StringArray);
    }

    public static bool Allows(IReadOnlyList<string>? types, JsonElement value) => types is null || types.Any(type => value.ValueKind switch
    {
        JsonValueKind.Object => type == "object",
        JsonValueKind.Array => type == "array",
        JsonValueKind.String => type == "string",
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        JsonValueKind.Null => type == "null",
        _ => type == "number" || (type == "integer" && value.TryGetDecimal(out var number) && number == decimal.Truncate(number)),
    });

    private static string[] Read(JsonElement type) => type.ValueKind switch
    {
        JsonValueKind.String => [Known(type)],
        JsonValueKind.Array => [.. type.EnumerateArray().Select(Known).Distinct()],
        _ => throw Schema.Wrong("type"),
    };

    private static string Known(JsonElement type) => type.ValueKind == JsonValueKind.String && All.FirstOrDefault(known => type.ValueEquals(known)) is { } name
        ? name
        : throw Schema.Wrong("type");
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class SchemaJson : System.Text.Json.Serialization.JsonSerializerContext;
