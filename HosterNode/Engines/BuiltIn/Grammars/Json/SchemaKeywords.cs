namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

/// <summary>The keywords that say something about a value. By JSON Schema's rules any other is a remark, and changes nothing.</summary>
internal static class SchemaKeywords
{
    private static readonly HashSet<string> Followed = new(StringComparer.Ordinal)
    {
        "type", "enum", "const", "anyOf", "oneOf", "properties", "required", "additionalProperties", "minProperties", "maxProperties",
        "items", "prefixItems", "additionalItems", "minItems", "maxItems", "minLength", "maxLength", "pattern", "format",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    };

    private static readonly HashSet<string> NotFollowed = new(StringComparer.Ordinal)
    {
        "not", "if", "then", "else", "dependentSchemas", "dependentRequired", "dependencies", "patternProperties", "propertyNames",
        "contains", "minContains", "maxContains", "unevaluatedProperties", "unevaluatedItems", "uniqueItems", "multipleOf",
        "$dynamicRef", "$recursiveRef",
    };

    public static bool IsAssertion(string keyword) => Followed.Contains(keyword) || NotFollowed.Contains(keyword);

    public static bool IsFollowed(string keyword) => Followed.Contains(keyword);

    /// <summary>For a message: a keyword of the lists, never a text of the caller's.</summary>
    public static string Name(string keyword) => IsAssertion(keyword) ? keyword : "a keyword";
}
