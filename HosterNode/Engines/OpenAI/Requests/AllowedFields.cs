using System.Text.Json;
using static ComputeShare.HosterNode.Engines.OpenAI.Requests.Shapes;

namespace ComputeShare.HosterNode.Engines.OpenAI.Requests;

/// <summary>
/// What of a request's body may reach an engine: these fields, with values of these forms. A gateway sends no others; the node does not
/// count on that, because engines take more: addresses of pictures and films to fetch, files, templates to run, slots to take.
/// </summary>
internal static class AllowedFields
{
    private const int MostAlternatives = 20;

    private static readonly Shape Picture = Object(
        ("url", value => value.Text() is var url && url.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase) && url.Contains(";base64,", StringComparison.OrdinalIgnoreCase)),
        ("detail", OneOf("auto", "low", "high")));

    private static readonly Shape Part = Either(
        Object(("type", OneOf("text")), ("text", Text)),
        Object(("type", OneOf("image_url")), ("image_url", Picture)));

    private static readonly Shape Call = Object(
        ("id", Text), ("type", OneOf("function")), ("function", Object(("name", Text), ("arguments", Text))));

    private static readonly Shape Message = Object(
        ("role", OneOf("system", "developer", "user", "assistant", "tool")),
        ("content", Either(Text, ListOf(Part))),
        ("name", Text),
        ("tool_calls", ListOf(Call)),
        ("tool_call_id", Text));

    private static readonly Shape Tool = Object(
        ("type", OneOf("function")),
        ("function", Object(("name", Text), ("description", Text), ("parameters", Schema), ("strict", Flag))));

    private static readonly Dictionary<string, Shape> Shapes = new(StringComparer.Ordinal)
    {
        ["messages"] = ListOf(Message),
        ["temperature"] = Number,
        ["top_p"] = Number,
        ["top_k"] = UpTo(int.MaxValue),
        ["min_p"] = Number,
        ["typical_p"] = Number,
        ["presence_penalty"] = Number,
        ["frequency_penalty"] = Number,
        ["repetition_penalty"] = Number,
        ["logit_bias"] = MapOf(Number),
        ["logprobs"] = Either(Flag, UpTo(MostAlternatives)),
        ["top_logprobs"] = UpTo(MostAlternatives),
        ["min_tokens"] = UpTo(int.MaxValue),
        ["reasoning_effort"] = OneOf("none", "minimal", "low", "medium", "high", "xhigh"),
        ["response_format"] = Object(
            ("type", OneOf("text", "json_object", "json_schema")),
            ("json_schema", Object(("name", Text), ("description", Text), ("schema", Schema), ("strict", Flag)))),
        ["tools"] = ListOf(Tool),
        ["tool_choice"] = Either(OneOf("none", "auto", "required"), Object(("type", OneOf("function")), ("function", Object(("name", Text))))),
        ["parallel_tool_calls"] = Flag,
    };

    /// <exception cref="EngineException">The field is none of them, or has another form.</exception>
    public static void Check(string name, JsonElement value)
    {
        if (!Shapes.TryGetValue(name, out var shape))
        {
            throw EngineException.Unsupported("This node does not know a field of the request.", name);
        }

        if (!shape(value))
        {
            throw EngineException.Unsupported("This node does not take such a value.", name);
        }
    }

    /// <summary>A prompt, or an input of embeddings: a text, or ids of tokens.</summary>
    public static bool IsPrompt(JsonElement text) => Text(text) || TokenIds(text);
}
