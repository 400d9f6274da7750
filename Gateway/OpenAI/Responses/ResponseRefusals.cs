using System.Collections.Frozen;
using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI.Responses;

/// <summary>
/// Fields of the responses API that need a store of responses or tools that run here: neither exists, and the caller is told so.
/// </summary>
internal static class ResponseRefusals
{
    private static readonly FrozenDictionary<string, string> Reasons = new Dictionary<string, string>
    {
        ["previous_response_id"] = "Responses are not stored here: send the whole conversation as 'input'.",
        ["conversation"] = "Conversations are not stored here: send the whole conversation as 'input'.",
        ["prompt"] = "Prompt templates are not stored here: send 'instructions' and 'input'.",
        ["background"] = "Responses are not generated in the background here: leave 'background' out, and use 'stream'.",
        ["store"] = "Responses are not stored here: leave 'store' out, or send false.",
        ["truncation"] = "Nothing is cut out of a conversation here: only 'disabled' is accepted.",
        ["max_tool_calls"] = "Tools are not run here, so that their calls are not counted.",
    }.ToFrozenDictionary();

    /// <exception cref="RequestRefusedException">The field asks for what there is not.</exception>
    public static void Check(JsonProperty field)
    {
        if (Reasons.TryGetValue(field.Name, out var reason) && !AsksForNothing(field))
        {
            throw new RequestRefusedException(OpenAIError.Invalid(reason, field.Name, "unsupported_parameter"));
        }
    }

    /// <summary>It is one of these; once checked it asks for nothing.</summary>
    public static bool IsAccepted(string name) => Reasons.ContainsKey(name);

    private static bool AsksForNothing(JsonProperty field) => field.Name switch
    {
        "background" or "store" => field.Value.ValueKind == JsonValueKind.False,
        "truncation" => field.Value.ValueKind == JsonValueKind.String && field.Value.ValueEquals("disabled"),
        _ => false,
    };
}
