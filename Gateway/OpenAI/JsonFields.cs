using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>Reads one field of a request, or refuses the request naming it.</summary>
internal static class JsonFields
{
    public static JsonElement ReadBody(this JsonElement body) =>
        body.ValueKind == JsonValueKind.Object ? body : throw new RequestRefusedException(OpenAIError.Invalid("The body must be a JSON object."));

    public static string ReadString(this JsonElement value, string param) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw RequestRefusedException.For(param, "it must be a string");

    public static bool ReadBoolean(this JsonElement value, string param) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw RequestRefusedException.For(param, "it must be true or false"),
    };

    public static double ReadNumber(this JsonElement value, string param, double least, double most) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most
            ? number
            : throw RequestRefusedException.For(param, FormattableString.Invariant($"it must be a number from {least} to {most}"));

    public static long ReadInteger(this JsonElement value, string param, long least, long most) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least && number <= most
            ? number
            : throw RequestRefusedException.For(param, FormattableString.Invariant($"it must be a whole number from {least} to {most}"));

    public static JsonElement ReadObject(this JsonElement value, string param) =>
        value.ValueKind == JsonValueKind.Object ? value : throw RequestRefusedException.For(param, "it must be an object");

    /// <param name="value">An object.</param>
    /// <param name="name">Its field.</param>
    /// <param name="param">The object's own name.</param>
    public static JsonElement Required(this JsonElement value, string name, string param) =>
        value.Optional(name) ?? throw RequestRefusedException.Missing($"{param}.{name}");

    /// <returns>Null when it is absent or null.</returns>
    public static JsonElement? Optional(this JsonElement value, string name) =>
        value.TryGetProperty(name, out var field) && field.ValueKind != JsonValueKind.Null ? field : null;

    public static IReadOnlyList<string> ReadStrings(this JsonElement value, string param) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => [.. value.EnumerateArray().Select((item, index) => item.ReadString($"{param}[{index}]"))],
        _ => throw RequestRefusedException.For(param, "it must be a string or an array of strings"),
    };
}
