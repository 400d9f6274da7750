using System.Text.Json;
using System.Text.Json.Nodes;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn.Grammars;

/// <summary>Schemas by chance, of everything that the grammars follow; equal seeds make equal ones.</summary>
internal sealed class RandomSchemas(int seed)
{
    private static readonly string[] Names = ["a", "ab", "name", "naïve", "with space", "q\"uote", "日本", "b\\s", "🎉"];
    private static readonly string[] Patterns = ["^[a-c]{2,4}$", "^(?:x|yy)+\\d$", "z\\.?[^a-y\"]", "^\\w+( \\w+)*$", "^\\S\\t?$"];
    private static readonly string[] Formats = ["date", "time", "date-time", "duration", "email", "hostname", "ipv4", "uri", "uuid"];

    private readonly Random _random = new(seed);
    private bool _refers;

    public JsonElement Next()
    {
        var schema = Any(3);
        if (_refers)
        {
            schema["$defs"] = new JsonObject { ["tree"] = Tree() };
        }

        using var json = JsonDocument.Parse(schema.ToJsonString());
        return json.RootElement.Clone();
    }

    private JsonObject Any(int depth) => _random.Next(depth > 0 ? 15 : 9) switch
    {
        0 => Text(),
        1 => new JsonObject { ["type"] = "string", ["pattern"] = Pick(Patterns) },
        2 => new JsonObject { ["type"] = "string", ["format"] = Pick(Formats) },
        3 => Number("integer", 1),
        4 => Number("number", 10),
        5 => new JsonObject { ["type"] = "boolean" },
        6 => new JsonObject { ["type"] = "null" },
        7 => new JsonObject { ["enum"] = new JsonArray("x", "é\n", 7, 1.5, true, null, new JsonArray(1, "a"), new JsonObject { ["k"] = "v" }) },
        8 => new JsonObject { ["const"] = Pick(Names) },
        9 => new JsonObject { ["anyOf"] = new JsonArray(Any(depth - 1), Any(depth - 1)) },
        10 => List(depth),
        11 => new JsonObject { ["type"] = new JsonArray("string", "null", "integer") },
        12 => Tree(),
        13 => new JsonObject { ["allOf"] = new JsonArray(Object(depth), new JsonObject { ["description"] = "the same" }) },
        _ => Object(depth),
    };

    private JsonObject Text()
    {
        var schema = new JsonObject { ["type"] = "string" };
        var least = _random.Next(4);
        if (_random.Next(2) == 0)
        {
            schema["minLength"] = least;
        }

        if (_random.Next(2) == 0)
        {
            schema["maxLength"] = least + _random.Next(5);
        }

        return schema;
    }

    private JsonObject Number(string type, int divisor)
    {
        var schema = new JsonObject { ["type"] = type };
        var least = (decimal)_random.Next(-2000, 2000) / divisor;
        if (_random.Next(2) == 0)
        {
            schema[_random.Next(2) == 0 ? "minimum" : "exclusiveMinimum"] = least;
        }

        if (_random.Next(2) == 0)
        {
            schema[_random.Next(2) == 0 ? "maximum" : "exclusiveMaximum"] = least + 2 + _random.Next(1500);
        }

        return schema;
    }

    private JsonObject List(int depth)
    {
        var schema = new JsonObject { ["type"] = "array" };
        var least = _random.Next(3);
        schema["items"] = Any(depth - 1);
        if (_random.Next(2) == 0)
        {
            schema["prefixItems"] = new JsonArray(Any(depth - 1), Any(depth - 1));
        }

        if (_random.Next(2) == 0)
        {
            schema["minItems"] = least;
        }

        if (_random.Next(2) == 0)
        {
            schema["maxItems"] = least + _random.Next(3);
        }

        return schema;
    }

    private JsonObject Object(int depth)
    {
        var properties = new JsonObject();
        foreach (var name in Names.Where(_ => _random.Next(3) == 0))
        {
            properties[name] = Any(depth - 1);
        }

        var required = new JsonArray();
        foreach (var (name, _) in properties.Where(_ => _random.Next(2) == 0))
        {
            required.Add((JsonNode)name);
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required };
        switch (_random.Next(3))
        {
            case 0:
                schema["additionalProperties"] = false;
                break;
            case 1:
                schema["additionalProperties"] = Any(depth - 1);
                break;
        }

        return schema;
    }

    // Contains itself.
    private JsonObject Tree()
    {
        _refers = true;
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["leaf"] = new JsonObject { ["type"] = "integer" },
                ["children"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["$ref"] = "#/$defs/tree" } },
                ["next"] = new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["$ref"] = "#/$defs/tree" }, new JsonObject { ["type"] = "null" }) },
            },
            ["required"] = new JsonArray("next"),
            ["additionalProperties"] = false,
        };
    }

    private string Pick(string[] values) => values[_random.Next(values.Length)];
}
