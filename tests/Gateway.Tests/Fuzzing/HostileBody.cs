namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>Bodies of the public endpoints.</summary>
internal sealed class HostileBody(Random random) : HostileJson(random)
{
    public byte[] Chat() => Mutate(Object([.. Shared(), .. ToolFields(NestedTool, """{"type":"function","function":{"name":"look"} }"""), .. ChatFields()], 25, "model", "messages"));

    public byte[] Completion() => Mutate(Object(
        [
            .. Shared(), ("prompt", Inputs), ("max_tokens", () => Number()), ("n", () => Number(4)), ("best_of", () => Number(4)), ("logprobs", () => Number(7)), ("echo", Flag), ("suffix", Text),
        ], 25, "model", "prompt"));

    public byte[] Embedding() => Mutate(Object(
        [.. Shared(), ("input", Inputs), ("encoding_format", () => Word("float", "base64")), ("dimensions", () => Number())], 25, "model", "input"));

    public byte[] Response() => Mutate(Object(
        [
            .. Shared(), .. ToolFields(FlatTool, """{"type":"function","name":"look"}"""), ("input", () => Chance(30) ? Text() : List(Item)), ("instructions", Text),
            ("max_output_tokens", () => Number()), ("text", () => Object([("format", () => Format(nested: false)), ("verbosity", () => Word("medium", "low"))])),
            ("reasoning", () => Object([("effort", Effort), ("summary", () => Word("auto")), ("generate_summary", () => Word("auto"))])),
            ("include", () => List(() => Word("message.output_text.logprobs", "reasoning.encrypted_content"))), ("top_logprobs", () => Number(25)), ("store", Flag),
            ("previous_response_id", Text), ("background", Flag), ("truncation", () => Word("disabled", "auto")),
        ], 20, "model", "input"));

    public byte[] KeyTerms() => Mutate(Object(
        [
            ("name", Text), ("expires_at", () => Chance(50) ? "1900000000" : Number()), ("allowed_models", () => List(Text)), ("policy", () => Word("price", "latency")),
            ("spend_caps", () => List(() => Object([("window", () => Word("hour", "day", "week", "month", "total")), ("limit_usd", () => Number())], 90))),
            ("limits", () => Object([("parallel_requests", () => Number()), ("requests_per_minute", () => Number()), ("tokens_per_minute", () => Number())])),
        ]));

    public byte[] Grace() => Mutate(Object([("grace_seconds", () => Number())], 80));

    public byte[] Join() => Mutate(Object(
        [
            ("node_id", () => Word("node-1", "a b", "")), ("address", () => Word("http://127.0.0.1:5101", "https://a", "ftp://a", "http://a/b", "http://u@a")),
            ("dial_token", () => Chance(80) ? "\"" + new string('t', 40) + "\"" : Text()), ("incarnation", Text),
        ], 80, "node_id", "address", "dial_token"));

    private (string, Func<string>)[] Shared() =>
    [
        ("model", () => Word("auto", "a/b", "tiny")), ("models", () => List(() => Word("auto", "tiny"))), ("stream", Flag), ("stream_options", () => Object([("include_usage", Flag), ("include_obfuscation", Flag)])),
        ("stop", () => Chance(50) ? Text() : List(Text)), ("temperature", () => Number(2)), ("top_p", () => Number(2)), ("seed", () => Number()), ("presence_penalty", () => Number(2)),
        ("frequency_penalty", () => Number(2)), ("logit_bias", () => Object([("1", () => Number(100)), ("4711", () => Number(100)), ("-1", () => Number(100))])), ("top_k", () => Number()), ("min_tokens", () => Number()),
        ("min_p", () => Number(2)), ("typical_p", () => Number(2)), ("repetition_penalty", () => Number(9)), ("user", Text), ("metadata", () => Object([("a", Text), ("b", Text)])), ("provider", Provider),
        ("service_tier", () => Word("auto", "default", "flex")), ("store", Flag), ("modalities", () => List(() => Word("text", "audio"))), ("verbosity", () => Word("medium")),
    ];

    private (string, Func<string>)[] ChatFields() =>
    [
        ("messages", () => List(Message, 6)), ("max_tokens", () => Number()), ("max_completion_tokens", () => Number()), ("n", () => Number(9)), ("logprobs", Flag), ("top_logprobs", () => Number(25)),
        ("response_format", () => Format(nested: true)), ("reasoning_effort", Effort), ("functions", () => "[]"), ("prediction", () => Value()), ("audio", () => Value()),
    ];

    private (string, Func<string>)[] ToolFields(Func<string> tool, string choice) =>
    [
        ("tools", () => List(tool)), ("tool_choice", () => Chance(50) ? Word("none", "auto", "required") : choice), ("parallel_tool_calls", Flag),
    ];

    private string Provider() => Object(
    [
        ("order", () => List(Text)), ("only", () => List(Text)), ("ignore", () => List(Text)), ("quantizations", () => List(() => Word("fp16", "int4"))), ("sort", () => Word("price", "throughput", "latency", "quality")),
        ("max_price", () => Object([("prompt", () => Chance(50) ? Number() : $"\"{Number()}\""), ("completion", () => Number()), ("request", () => Number())])),
        ("require_parameters", Flag), ("allow_fallbacks", Flag), ("data_collection", () => Word("allow", "deny")), ("zdr", Flag), ("resume", Flag),
    ]);

    private string Message() => Object(
    [
        ("role", () => Word("system", "developer", "user", "user", "assistant", "assistant", "tool")), ("content", () => Chance(60) ? Text() : List(() => Part("text", "image_url"))), ("name", Text),
        ("tool_calls", () => List(Call)), ("tool_call_id", () => Word("call_1", "call_2")), ("refusal", Text), ("audio", () => "null"), ("function_call", () => "null"),
    ], 35, "role", "content");

    private string Call() => Object(
        [("id", () => Word("call_1", "call_2")), ("type", () => Word("function")), ("function", () => Object([("name", () => Word("look")), ("arguments", Text)], 95))], 95);

    private string Part(string text, string image) => Object(
    [
        ("type", () => Word(text, text, image, "refusal", "input_audio", "file")), ("text", Text), ("refusal", Text), ("file_id", () => "null"), ("detail", () => Word("auto", "low")),
        ("image_url", () => image == "input_image" ? Image() : Object([("url", Image), ("detail", () => Word("auto", "low", "high"))], 90)),
    ], 60, "type", "text");

    private string Image() => Chance(70) ? "\"data:image/png;base64,iVBORw0KGgo=\"" : Text();

    private string Item() => Object(
    [
        ("type", () => Word("message", "message", "function_call", "function_call_output", "reasoning", "item_reference")), ("role", () => Word("user", "assistant", "system", "developer")),
        ("content", () => Chance(50) ? Text() : List(() => Part("input_text", "input_image"))), ("call_id", () => Word("call_1", "call_2")), ("name", () => Word("look")), ("arguments", Text), ("output", Text),
    ], 85, "role");

    private string NestedTool() => Object([("type", () => Word("function")), ("function", () => Object(Function(), 70, "name"))], 95);

    private string FlatTool() => Object([("type", () => Word("function", "web_search")), .. Function()], 70, "type", "name");

    private (string, Func<string>)[] Function() => [("name", () => Word("look", "see")), ("description", Text), ("parameters", Schema), ("strict", Flag)];

    private string Format(bool nested) => nested
        ? Object([("type", () => Word("text", "json_object", "json_schema")), ("json_schema", () => Object(SchemaFields(), 80))], 90)
        : Object([("type", () => Word("text", "json_object", "json_schema")), .. SchemaFields()], 80);

    private (string, Func<string>)[] SchemaFields() => [("name", () => Word("form")), ("description", Text), ("schema", Schema), ("strict", Flag)];

    private string Schema() => Chance(70) ? $$"""{"type":"object","properties":{"a":{{Value()}}},"required":["a"]}""" : Value();

    private string Effort() => Word("none", "minimal", "low", "medium", "high");

    // Also more of them than are accepted.
    private string Inputs() => Random.Next(12) switch
    {
        0 => "[" + string.Join(',', Enumerable.Repeat("1", Random.Next(3000))) + "]",
        1 => "[" + string.Join(',', Enumerable.Repeat("\"a\"", Random.Next(2100))) + "]",
        2 or 3 => List(() => List(() => Number(1000))),
        4 or 5 => List(Text),
        6 => List(() => Number(1000)),
        _ => Text(),
    };
}
