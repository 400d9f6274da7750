using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

/// <summary>The keywords of one schema, after references and <c>allOf</c> were taken into it.</summary>
internal sealed class Schema
{
    /// <summary>Say nothing about a value, or are read elsewhere.</summary>
    private static readonly HashSet<string> Silent = new(StringComparer.Ordinal)
    {
        "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "nullable",
        "$schema", "$id", "$comment", "$defs", "definitions", "$ref", "allOf", "properties", "required",
    };

    // Some steps from it are still a decimal.
    private const decimal MostNumber = 1e27m;

    private readonly Dictionary<string, JsonElement> _keywords = new(StringComparer.Ordinal);

    /// <summary>In the order in which they are written; null when the schema names none.</summary>
    public List<(string Name, JsonElement Value)>? Properties { get; private set; }

    public List<string> Required { get; } = [];

    /// <summary>Nothing is asked of a value.</summary>
    public bool IsOpen => _keywords.Count == 0 && Properties is null && Required.Count == 0;

    public static Schema Read(JsonElement json)
    {
        var schema = new Schema();
        foreach (var keyword in json.EnumerateObject())
        {
            switch (keyword.Name)
            {
                case "properties":
                    Expect(keyword.Value, JsonValueKind.Object, "properties");
                    // The last of equal names counts, as everywhere in JSON.
                    schema.Properties = [.. keyword.Value.EnumerateObject().GroupBy(property => property.Name).Select(group => (group.Key, group.Last().Value))];
                    break;
                case "required":
                    Expect(keyword.Value, JsonValueKind.Array, "required");
                    schema.Required.AddRange(keyword.Value.EnumerateArray().Select(name => TextOf(name, "required")).Distinct());
                    break;
                default:
                    schema.Add(keyword.Name, keyword.Value);
                    break;
            }
        }

        return schema;
    }

    /// <summary>A value of this must be one of the other too.</summary>
    public void Take(Schema other)
    {
        if ((Has("additionalProperties") && other.NamesMoreThan(this)) || (other.Has("additionalProperties") && NamesMoreThan(other)))
        {
            throw new GrammarException("joins objects of which one bounds the properties of the other");
        }

        foreach (var (name, value) in other._keywords)
        {
            Add(name, value);
        }

        if (other.Properties is not null)
        {
            Properties = [.. Properties ?? [], .. other.Properties.Where(property => !HasEqual(property))];
        }

        Required.AddRange(other.Required.Where(name => !Required.Contains(name)));
    }

    public bool Has(string keyword) => _keywords.ContainsKey(keyword);

    public JsonElement? Get(string keyword) => _keywords.TryGetValue(keyword, out var value) ? value : null;

    /// <summary>Without one keyword, which is read apart.</summary>
    public Schema Without(string keyword)
    {
        var schema = new Schema { Properties = Properties };
        schema.Required.AddRange(Required);
        foreach (var (name, value) in _keywords.Where(pair => pair.Key != keyword))
        {
            schema._keywords[name] = value;
        }

        return schema;
    }

    public IEnumerable<string> Names => _keywords.Keys;

    public string? Text(string keyword) => Get(keyword) is { } value ? TextOf(value, keyword) : null;

    public int? Count(string keyword) => Get(keyword) is { } value
        ? value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && number >= 0 && number == decimal.Truncate(number)
            ? (int)Math.Min(number, int.MaxValue)
            : throw Wrong(keyword)
        : null;

    public decimal? Number(string keyword) => Get(keyword) is { } value
        ? value.ValueKind != JsonValueKind.Number ? throw Wrong(keyword)
            : value.TryGetDecimal(out var number) && Math.Abs(number) < MostNumber ? number : throw new GrammarException("bounds a number too far from zero")
        : null;

    public static GrammarException Wrong(string keyword) => new($"has a schema whose {keyword} is not what JSON Schema says", isWrong: true);

    public static bool IsSilent(string keyword) => Silent.Contains(keyword);

    private static void Expect(JsonElement value, JsonValueKind kind, string keyword)
    {
        if (value.ValueKind != kind)
        {
            throw Wrong(keyword);
        }
    }

    private static string TextOf(JsonElement value, string keyword)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(keyword);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            throw Wrong(keyword);
        }
    }

    private bool NamesMoreThan(Schema other) =>
        Properties?.Exists(property => other.Properties?.Exists(named => named.Name == property.Name) != true) == true;

    private bool HasEqual((string Name, JsonElement Value) property)
    {
        foreach (var (name, value) in Properties ?? [])
        {
            if (name == property.Name)
            {
                return JsonElement.DeepEquals(value, property.Value)
                    ? true
                    : throw new GrammarException("joins objects that have different schemas for one property");
            }
        }

        return false;
    }

    private void Add(string keyword, JsonElement value)
    {
        if (IsSilent(keyword) || !SchemaKeywords.IsAssertion(keyword))
        {
            return;
        }

        if (keyword == "type" && _keywords.TryGetValue("type", out var other))
        {
            _keywords["type"] = SchemaTypes.Both(other, value);
        }
        else if (!_keywords.TryAdd(keyword, value) && !JsonElement.DeepEquals(_keywords[keyword], value))
        {
            throw new GrammarException($"joins schemas that say different things in {SchemaKeywords.Name(keyword)}");
        }
    }
}
