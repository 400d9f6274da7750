using System.Collections.Frozen;
using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>
/// Fields of OpenAI's API, and of ours, that are not served: accepted where their value asks for nothing, else refused by name. A field that
/// would change the answer is never dropped in silence.
/// </summary>
internal static class NeutralFields
{
    private static readonly FrozenDictionary<string, Func<JsonElement, bool>> Neutral = new Dictionary<string, Func<JsonElement, bool>>
    {
        ["audio"] = Never,
        ["function_call"] = value => Is(value, "none"),
        ["functions"] = IsEmpty,
        ["modalities"] = value => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => Is(item, "text")),
        ["prediction"] = Never,
        ["reasoning_effort"] = Never,
        ["response_format"] = value => value.ValueKind == JsonValueKind.Object
            && value.TryGetProperty("type", out var type) && Is(type, "text"),
        ["tool_choice"] = value => Is(value, "none"),
        ["tools"] = IsEmpty,
        ["verbosity"] = value => Is(value, "medium"),
        ["web_search_options"] = Never,
    }.ToFrozenDictionary();

    /// <returns>Whether the field is one of these; a value that asks for something is refused.</returns>
    public static bool Accepts(JsonProperty field)
    {
        if (!Neutral.TryGetValue(field.Name, out var isNeutral))
        {
            return false;
        }

        return isNeutral(field.Value) ? true : throw RequestRefusedException.Unsupported(field.Name);
    }

    private static bool Never(JsonElement value) => false;

    private static bool Is(JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };
}
