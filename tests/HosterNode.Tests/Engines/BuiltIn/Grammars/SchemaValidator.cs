using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn.Grammars;

/// <summary>JSON Schema as its text says it, value against schema: nothing of the grammars is in it.</summary>
internal static class SchemaValidator
{
    public static bool IsValid(JsonElement value, JsonElement schema, JsonElement? root = null)
    {
        var document = root ?? schema;
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.ValueKind == JsonValueKind.True;
        }

        return schema.EnumerateObject().All(keyword => IsValid(value, keyword, schema, document));
    }

    private static bool IsValid(JsonElement value, JsonProperty keyword, JsonElement schema, JsonElement root)
    {
        var said = keyword.Value;
        return keyword.Name switch
        {
            "$ref" => IsValid(value, Resolve(root, said.GetString()!), root),
            "type" => said.ValueKind == JsonValueKind.Array ? said.EnumerateArray().Any(type => Is(value, type.GetString()!)) : Is(value, said.GetString()!),
            "const" => JsonElement.DeepEquals(value, said),
            "enum" => said.EnumerateArray().Any(other => JsonElement.DeepEquals(value, other)),
            "allOf" => said.EnumerateArray().All(part => IsValid(value, part, root)),
            "anyOf" => said.EnumerateArray().Any(part => IsValid(value, part, root)),
            "oneOf" => said.EnumerateArray().Count(part => IsValid(value, part, root)) == 1,
            "minLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.EnumerateRunes().Count() >= said.GetInt32(),
            "maxLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.Length <= said.GetInt32(),
            "pattern" => value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, said.GetString()!, RegexOptions.ECMAScript),
            "format" => value.ValueKind != JsonValueKind.String || IsOf(said.GetString()!, value.GetString()!),
            "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDecimal() >= said.GetDecimal(),
            "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDecimal() <= said.GetDecimal(),
            "exclusiveMinimum" => value.ValueKind != JsonValueKind.Number || value.GetDecimal() > said.GetDecimal(),
            "exclusiveMaximum" => value.ValueKind != JsonValueKind.Number || value.GetDecimal() < said.GetDecimal(),
            "minItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= said.GetInt32(),
            "maxItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= said.GetInt32(),
            "prefixItems" => value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Zip(said.EnumerateArray()).All(pair => IsValid(pair.First, pair.Second, root)),
            "items" => value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Skip(Length(schema, "prefixItems")).All(item => IsValid(item, said, root)),
            "required" => value.ValueKind != JsonValueKind.Object || said.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
            "properties" => value.ValueKind != JsonValueKind.Object
                || value.EnumerateObject().All(property => !said.TryGetProperty(property.Name, out var of) || IsValid(property.Value, of, root)),
            "additionalProperties" => value.ValueKind != JsonValueKind.Object
                || value.EnumerateObject().All(property => IsNamed(schema, property.Name) || IsValid(property.Value, said, root)),
            "maxProperties" => value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Count() <= said.GetInt32(),
            "$defs" or "description" => true,
            _ => throw new NotSupportedException(keyword.Name),
        };
    }

    private static bool IsOf(string format, string text) => format switch
    {
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "time" => TimeOnly.TryParseExact(text, "HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "date-time" => DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _),
        "duration" => IsDuration(text),
        "email" => MailAddress.TryCreate(text, out var address) && address.Address == text,
        "hostname" => Uri.CheckHostName(text) == UriHostNameType.Dns,
        "ipv4" => IPAddress.TryParse(text, out var address) && address.ToString() == text,
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "uuid" => Guid.TryParseExact(text, "D", out _),
        _ => throw new NotSupportedException(format),
    };

    private static bool IsDuration(string text)
    {
        try
        {
            return XmlConvert.ToTimeSpan(text) > TimeSpan.Zero;
        }
        catch (FormatException)
        {
            // Another branch of the schema may allow the text.
            return false;
        }
    }

    private static bool Is(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.GetDecimal() == decimal.Truncate(value.GetDecimal()),
        _ => throw new NotSupportedException(type),
    };

    private static bool IsNamed(JsonElement schema, string name) => schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(name, out _);

    private static int Length(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var list) ? list.GetArrayLength() : 0;

    private static JsonElement Resolve(JsonElement root, string pointer) =>
        pointer.Split('/').Skip(1).Aggregate(root, (from, name) => from.GetProperty(name));
}
