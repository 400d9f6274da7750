using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.Benchmarks.Soak;

/// <summary>One thing that a consumer of the <see cref="SoakTraffic"/> asks for.</summary>
/// <param name="Kind">What the report calls it.</param>
/// <param name="HangUpAfter">Tokens after which the client leaves; null: it reads to the end.</param>
internal sealed record SoakRequest(string Kind, string Path, object Body, bool IsStream = false, int? HangUpAfter = null)
{
    private const string Chat = "/v1/chat/completions";
    private const string Model = "computeshare/tiny";

    private static readonly int[] Lengths = [4, 12, 30, 80];

    private static readonly object Schema = new
    {
        type = "object",
        properties = new { city = new { type = "string", maxLength = 12 }, degrees = new { type = "integer", minimum = -50, maximum = 60 } },
        required = new[] { "city", "degrees" },
        additionalProperties = false,
    };

    /// <summary>Half of all are streams that are read to their end.</summary>
    public static SoakRequest Next(Random random) => random.Next(20) switch
    {
        < 10 => new("stream", Chat, ChatClient.Body(Length(random), stream: true), IsStream: true),
        < 13 => new("whole", Chat, ChatClient.Body(Length(random), stream: false)),
        < 15 => new("hang-up", Chat, ChatClient.Body(300, stream: true), IsStream: true, HangUpAfter: random.Next(1, 20)),
        15 => new("schema", Chat, Asked("How warm is it?", new { type = "json_schema", json_schema = new { name = "weather", schema = Schema, strict = true } })),
        16 => new("tools", Chat, Calling()),
        17 => new("text", "/v1/completions", new { model = Model, prompt = "The moon", max_tokens = Length(random) }),
        _ => new("embeddings", "/v1/embeddings", new { model = Model, input = new[] { "A haiku about GPUs", "The same, but longer" } }),
    };

    private static int Length(Random random) => Lengths[random.Next(Lengths.Length)];

    private static object Asked(string content, object format) =>
        new { model = "auto", max_tokens = 80, temperature = 0, response_format = format, messages = new[] { new { role = "user", content } } };

    private static object Calling() => new
    {
        model = "auto",
        max_tokens = 80,
        temperature = 0,
        messages = new[] { new { role = "user", content = "What is the weather?" } },
        tools = new[] { new { type = "function", function = new { name = "get_weather", parameters = Schema } } },
        tool_choice = "required",
    };
}
