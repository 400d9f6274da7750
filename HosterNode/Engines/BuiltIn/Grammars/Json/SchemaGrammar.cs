using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

/// <summary>
/// A JSON schema as a grammar. Every text of the grammar is a value of the schema; where a schema leaves much open the grammar may have
/// less: properties in the order of the schema, none that it does not name unless it says what they are, no white space. What cannot be
/// followed exactly is refused.
/// </summary>
internal sealed class SchemaGrammar
{
    private const int MostSchemas = 4096;
    private const int MostInlined = 64;
    private const int MostDepth = 200;
    private const int MostProperties = 512;
    private const int MostNameCharacters = 256;

    private readonly JsonParts _parts = new();
    private readonly SchemaReferences _references;
    private readonly Dictionary<string, Reference> _rules = new(StringComparer.Ordinal);
    private int _schemas;
    private int _depth;

    private SchemaGrammar(JsonElement root) => _references = new SchemaReferences(root);

    /// <exception cref="GrammarException">The schema is wrong, or has what this engine does not follow.</exception>
    public static GrammarNode Of(JsonElement schema) => Checked(new SchemaGrammar(schema).Compile(schema));

    /// <summary>Any object.</summary>
    public static GrammarNode AnyObject()
    {
        var parts = new JsonParts();
        return parts.Map(parts.Any);
    }

    private static GrammarNode Checked(GrammarNode node) => new Grammar(node).IsEmpty
        ? throw new GrammarException("has a schema that no value fits", isWrong: true)
        : node;

    private GrammarNode Compile(JsonElement schema)
    {
        if (++_schemas > MostSchemas || ++_depth > MostDepth)
        {
            throw new GrammarException($"has a schema of more than {MostSchemas} parts or {MostDepth} levels");
        }

        var node = schema.ValueKind switch
        {
            JsonValueKind.True => _parts.Any,
            JsonValueKind.False => new Choice(),
            JsonValueKind.Object => PointerOnly(schema) is { } pointer ? Rule(pointer) : Compile(Flatten(schema, 0)),
            _ => throw new GrammarException("has a schema that is neither an object nor a truth value", isWrong: true),
        };
        _depth--;
        return node;
    }

    /// <summary>The rule of a reference; it may lead back to itself.</summary>
    private Reference Rule(string pointer)
    {
        if (!_rules.TryGetValue(pointer, out var rule))
        {
            _rules[pointer] = rule = new Reference();
            rule.Target = Compile(_references.Resolve(pointer));
        }

        return rule;
    }

    private GrammarNode Compile(Schema schema)
    {
        if (schema.Names.FirstOrDefault(name => !SchemaKeywords.IsFollowed(name)) is { } keyword && !IsHarmless(keyword, schema))
        {
            throw new GrammarException($"uses the keyword {keyword}");
        }

        if (schema.Has("anyOf") || schema.Has("oneOf"))
        {
            return Alternatives(schema, schema.Has("anyOf") ? "anyOf" : "oneOf");
        }

        var types = SchemaTypes.Of(schema);
        if (schema.Has("const") || schema.Has("enum"))
        {
            return Values(schema, types);
        }

        return types is null ? _parts.Any : new Choice([.. types.Select(type => OfType(type, schema))]);
    }

    // What asks nothing of a value that the grammar could make.
    private static bool IsHarmless(string keyword, Schema schema) =>
        keyword == "uniqueItems" && (schema.Get(keyword)?.ValueKind == JsonValueKind.False || schema.Count("maxItems") <= 1);

    private Choice Alternatives(Schema schema, string keyword)
    {
        var branches = schema.Get(keyword) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().ToArray() : throw Schema.Wrong(keyword);
        var rest = schema.Without(keyword);
        if (keyword == "oneOf" && !SchemaBranches.AreApart(branches.Select(branch => Join(rest, branch)).ToArray()))
        {
            throw new GrammarException("uses oneOf with alternatives that a value could fit two of");
        }

        // A branch that is a reference stays one: it may lead back here.
        return new Choice([.. branches.Select(branch => rest.IsOpen ? Compile(branch) : Compile(Join(rest, branch)))]);
    }

    private Schema Join(Schema rest, JsonElement branch)
    {
        var both = rest.Without("");
        if (branch.ValueKind == JsonValueKind.Object)
        {
            both.Take(Flatten(branch, 0));
        }
        else if (branch.ValueKind != JsonValueKind.True)
        {
            throw new GrammarException("has an alternative that no value fits");
        }

        return both;
    }

    private static Choice Values(Schema schema, IReadOnlyList<string>? types)
    {
        if (!schema.Without("enum").Without("const").Without("type").IsOpen)
        {
            throw new GrammarException("bounds the values of an enum or const by more than their type");
        }

        var listed = schema.Get("enum") is { } list
            ? list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().ToArray() : throw Schema.Wrong("enum")
            : [schema.Get("const")!.Value];
        var allowed = listed.Where(value => SchemaTypes.Allows(types, value) && (schema.Get("const") is not { } only || JsonElement.DeepEquals(only, value)));
        return new Choice([.. allowed.Select(value => new Literal(JsonLiteral.Of(value)))]);
    }

    private GrammarNode OfType(string type, Schema schema) => type switch
    {
        "object" => ObjectOf(schema),
        "array" => ArrayOf(schema),
        "string" => StringGrammar.Of(_parts, schema),
        "boolean" => JsonParts.Boolean(),
        "null" => JsonParts.Null(),
        _ => NumberOf(schema, type == "integer"),
    };

    private GrammarNode ObjectOf(Schema schema)
    {
        var extra = schema.Get("additionalProperties");
        var named = schema.Properties ?? [];
        var properties = named.ConvertAll(property => (property.Name, Compile(property.Value), schema.Required.Contains(property.Name)));
        foreach (var name in schema.Required.Where(name => named.TrueForAll(property => property.Name != name)))
        {
            properties.Add((name, extra is { } value ? Compile(value) : _parts.Any, true));
        }

        // An object that names its properties has no others, unless the schema says what they are.
        var other = extra is { ValueKind: JsonValueKind.Object } schemaOfOthers ? Compile(schemaOfOthers)
            : extra is null or { ValueKind: JsonValueKind.True } && schema.Properties is null ? _parts.Any
            : extra is null or { ValueKind: JsonValueKind.True or JsonValueKind.False } ? null : throw Schema.Wrong("additionalProperties");
        if (schema.Count("minProperties") > schema.Required.Count || (schema.Count("maxProperties") is { } most && (other is not null || most < properties.Count)))
        {
            throw new GrammarException("counts the properties of an object");
        }

        return properties.Count > MostProperties || properties.Exists(property => property.Name.Length > MostNameCharacters)
            ? throw new GrammarException($"has an object of more than {MostProperties} properties, or a name of more than {MostNameCharacters} characters")
            : properties.Count == 0 && other is not null
                ? _parts.Map(other)
                : ObjectGrammar.Of(properties, other is null ? null : new Sequence(
                    new KeyGrammar(_parts).Except(properties.Select(property => property.Name)), JsonParts.Text(":"), other));
    }

    private GrammarNode ArrayOf(Schema schema)
    {
        // Before 2020 a list of items said what prefixItems says now.
        var isList = schema.Get("items") is { ValueKind: JsonValueKind.Array };
        var first = isList ? schema.Get("items") : schema.Get("prefixItems");
        var others = schema.Get(isList ? "additionalItems" : "items");
        if (first is { ValueKind: not JsonValueKind.Array })
        {
            throw Schema.Wrong("prefixItems");
        }

        var places = first?.EnumerateArray().Select(Compile).ToArray() ?? [];
        var least = schema.Count("minItems") ?? 0;
        // After items with a place come others only where the schema says what they are, or how many there must be.
        var other = others is { } schemaOfOthers ? Compile(schemaOfOthers) : places.Length == 0 || least > places.Length ? _parts.Any : null;
        return ArrayGrammar.Of(places, other, least, schema.Count("maxItems") ?? int.MaxValue);
    }

    private static GrammarNode NumberOf(Schema schema, bool isInteger)
    {
        var (least, most) = (schema.Number("minimum"), schema.Number("maximum"));
        var (above, below) = (schema.Number("exclusiveMinimum"), schema.Number("exclusiveMaximum"));
        if (least is null && most is null && above is null && below is null)
        {
            return isInteger ? JsonParts.Integer() : JsonParts.Number();
        }

        return isInteger
            ? NumberGrammar.Integers(Larger(least, decimal.Floor(above ?? 0) + 1, above), Smaller(most, decimal.Ceiling(below ?? 0) - 1, below))
            : NumberGrammar.Numbers(Larger(least, above + NumberGrammar.Step(above), above), Smaller(most, below - NumberGrammar.Step(below), below));
    }

    private static decimal? Larger(decimal? bound, decimal? fromExclusive, decimal? exclusive) =>
        exclusive is null ? bound : bound is null ? fromExclusive : Math.Max(bound.Value, fromExclusive!.Value);

    private static decimal? Smaller(decimal? bound, decimal? fromExclusive, decimal? exclusive) =>
        exclusive is null ? bound : bound is null ? fromExclusive : Math.Min(bound.Value, fromExclusive!.Value);

    /// <summary>The pointer of a schema that says nothing but <c>$ref</c>.</summary>
    private static string? PointerOnly(JsonElement schema)
    {
        var reads = schema.EnumerateObject().Where(keyword => keyword.Name == "$ref" || keyword.Name is "allOf" or "properties" or "required"
            || (SchemaKeywords.IsAssertion(keyword.Name) && !Schema.IsSilent(keyword.Name))).ToArray();
        return reads is [{ Name: "$ref", Value.ValueKind: JsonValueKind.String }] ? reads[0].Value.GetString() : null;
    }

    /// <summary>A schema with what its references and <c>allOf</c> say.</summary>
    private Schema Flatten(JsonElement json, int inlined)
    {
        if (inlined > MostInlined)
        {
            throw new GrammarException("joins schemas that contain themselves");
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            return json.ValueKind == JsonValueKind.True ? new Schema() : throw new GrammarException("joins a schema that no value fits");
        }

        var schema = Schema.Read(json);
        if (json.TryGetProperty("$ref", out var pointer))
        {
            schema.Take(Flatten(_references.Resolve(pointer.ValueKind == JsonValueKind.String ? pointer.GetString()! : throw Schema.Wrong("$ref")), inlined + 1));
        }

        if (json.TryGetProperty("allOf", out var all))
        {
            foreach (var part in all.ValueKind == JsonValueKind.Array ? all.EnumerateArray() : throw Schema.Wrong("allOf"))
            {
                schema.Take(Flatten(part, inlined + 1));
            }
        }

        return schema;
    }
}
