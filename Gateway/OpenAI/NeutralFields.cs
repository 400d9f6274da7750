using System.Collections.Frozen;
using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>
/// Fields of OpenAI's API, and of ours, that are not served: accepted where their value asks for nothing, else refused by name. A field that
/// would change the answer is never dropped in silence. An operation that serves one of them reads it before it gets here.
/// </summary>
internal static class NeutralFields
{
    private static readonly FrozenDictionary<string, Func<JsonElement, bool>> Neutral = new Dictionary<string, Func<JsonElement, bool>>
    {
        ["audio"] = Never,
        ["function_call"] = value => Is(value, "none"),
        ["functions"] = IsEmpty,
        ["logprobs"] = value => value.ValueKind == JsonValueKind.False,
        ["modalities"] = value => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => Is(item, "text")),
        ["n"] = value => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var choices) && choices == 1,
        ["parallel_tool_calls"] = value => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        ["prediction"] = Never,
        ["prompt_cache_retention"] = value => Is(value, "in_memory") || Is(value, "in-memory"),
        ["reasoning_effort"] = Never,
        ["response_format"] = value => value.ValueKind == JsonValueKind.Object
            && value.TryGetProperty("type", out var type) && Is(type, "text"),
        ["service_tier"] = value => Is(value, "auto") || Is(value, "default"),
        ["store"] = value => value.ValueKind == JsonValueKind.False,
        ["tool_choice"] = value => Is(value, "none"),
        ["tools"] = IsEmpty,
        ["top_logprobs"] = value => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var top) && top == 0,
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
