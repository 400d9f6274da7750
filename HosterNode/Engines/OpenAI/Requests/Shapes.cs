using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.OpenAI.Requests;

/// <summary>Whether a value has the form that its field may have.</summary>
internal delegate bool Shape(JsonElement value);

/// <summary>Forms of JSON values, to make others of.</summary>
internal static class Shapes
{
    public static readonly Shape Text = value => value.ValueKind == JsonValueKind.String;

    public static readonly Shape Flag = value => value.ValueKind is JsonValueKind.True or JsonValueKind.False;

    public static readonly Shape Number = value => value.ValueKind == JsonValueKind.Number;

    public static readonly Shape TokenIds = ListOf(UpTo(int.MaxValue));

    /// <summary>A JSON schema that refers to nothing outside of itself: nobody is to fetch the rest of it.</summary>
    public static readonly Shape Schema = value => value.IsObject() && StaysInside(value);

    /// <summary>A whole number, 0 or more.</summary>
    public static Shape UpTo(int most) => value => value.Count() <= most;

    public static Shape OneOf(params string[] words) => value => value.ValueKind == JsonValueKind.String && words.Contains(value.Text());

    public static Shape Either(params Shape[] shapes) => value => shapes.Any(shape => shape(value));

    public static Shape ListOf(Shape item) => value => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(entry => item(entry));

    /// <summary>An object whose values all have this form, whatever their names.</summary>
    public static Shape MapOf(Shape item) => value => value.IsObject() && value.EnumerateObject().All(entry => item(entry.Value));

    /// <summary>An object with these fields, each or none of them, and no others; a name that comes twice is looked at twice.</summary>
    public static Shape Object(params (string Name, Shape Shape)[] fields) => value =>
        value.IsObject() && value.EnumerateObject().All(field => fields.Any(known => field.NameEquals(known.Name) && (!field.Value.IsSet() || known.Shape(field.Value))));

    private static bool StaysInside(JsonElement schema) => schema.ValueKind switch
    {
        JsonValueKind.Object => schema.EnumerateObject().All(field => IsReference(field) ? field.Value.Text().StartsWith('#') : StaysInside(field.Value)),
        JsonValueKind.Array => schema.EnumerateArray().All(StaysInside),
        _ => true,
    };

    // A property of that name is an object.
    private static bool IsReference(JsonProperty field) => field.Name is "$ref" or "$dynamicRef" or "$recursiveRef" && field.Value.ValueKind == JsonValueKind.String;
}
