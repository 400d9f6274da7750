using System.Globalization;
using System.Text;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI.Fuzzing;

/// <summary>Streams as an engine might send them that is broken, or means harm: of the right shape mostly, and wrong somewhere.</summary>
internal sealed class HostileStream(Random random)
{
    private static readonly string[] LineEnds = ["\n", "\n", "\n", "\r\n", "\r"];

    private static readonly string[] Strings =
    [
        "", "a", " ki", "é", "🎉", "\\ud83c", "\\udf89", "\\u0000", "\\\"", "\\\\", "\\n", "\ufeff", "[DONE]", "data: x\\n\\n", "\\ud83c\\ud83c", "\u202e", "<|end|>", "{\\\"a\\\":1}",
    ];

    private static readonly string[] Numbers =
        ["0", "1", "2", "7", "-1", "1.5", "1e308", "1e999", "2147483647", "2147483648", "4294967296", "99999999999999999999999999", "-0", "0.0000001"];

    private static readonly string[] Reasons = ["null", "\"stop\"", "\"length\"", "\"tool_calls\"", "\"abort\"", "\"\"", "\"eos_token\"", "7", "{}", "\"tired\""];

    // Of one stream in three nothing is wrong, of another little, of the last much.
    private int _malice;

    /// <summary>One stream's bytes.</summary>
    public byte[] Next()
    {
        _malice = random.Next(3);
        var stream = new StringBuilder();
        var events = random.Next(12);
        for (var said = 0; said < events; said++)
        {
            Append(stream, Event());
        }

        if (!Wrong(20))
        {
            Append(stream, """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""");
        }

        if (!Wrong(20))
        {
            Append(stream, "[DONE]");
        }

        return Mutate(Encoding.UTF8.GetBytes(stream.ToString()));
    }

    private void Append(StringBuilder stream, string data)
    {
        var end = Pick(LineEnds);
        var lines = Wrong(5) ? data.Replace(",", $",{end}data: ", StringComparison.Ordinal) : data;
        _ = Chance(5) ? stream.Append(": ping").Append(end).Append(end) : stream;
        _ = Wrong(3) ? stream.Append("event: ").Append(Pick(["error", "message", "ping"])).Append(end) : stream;
        stream.Append(Wrong(5) ? Pick(["data", "dat: ", "id: "]) : Pick(["data: ", "data:"])).Append(lines).Append(end).Append(Wrong(2) ? "" : end);
    }

    private string Event() => (Wrong(8) ? random.Next(4) : 4 + random.Next(8)) switch
    {
        4 => $$"""{"choices":[],"usage":{{Usage()}},"timings":{"cache_n":{{Number()}} } }""",
        1 => $$"""{"error":{{Value()}},"code":{{Number()}}}""",
        2 => Value(),
        3 => $$"""{"choices":{{Value()}}}""",
        _ => $$"""{"id":"chatcmpl-1","choices":[{{Choice()}}{{(Wrong(5) ? "," + Choice() : "")}}],"usage":{{(Chance(20) ? Usage() : "null")}}}""",
    };

    private string Choice() =>
        $$"""{"index":{{(Wrong(5) ? Number() : "0")}},{{(Chance(90) ? "\"delta\":" + Delta() : "\"text\":" + Text())}},"logprobs":{{(Chance(20) ? Logprobs() : "null")}},"finish_reason":{{(Wrong(5) ? Pick(Reasons) : "null")}}{{(Chance(20) ? ",\"token_ids\":" + List(Number) : "")}}}""";

    private string Delta() => random.Next(10) switch
    {
        0 => """{"role":"assistant","content":null}""",
        1 => $$"""{"reasoning_content":{{Text()}}}""",
        2 or 3 => $$"""{"content":{{(Chance(50) ? "null" : Text())}},"tool_calls":{{List(Call)}}}""",
        4 when Wrong(20) => Value(),
        _ => $$"""{"content":{{Text()}}}""",
    };

    private string Call() =>
        $$"""{"index":{{(Wrong(5) ? Number() : random.Next(3).ToString(CultureInfo.InvariantCulture))}},"id":{{(Chance(50) ? "null" : Text())}},"type":"function","function":{"name":{{(Chance(80) ? "\"look\"" : Text())}},"arguments":{{(Wrong(10) ? Value() : Text())}} } }""";

    private string Logprobs() => Chance(50)
        ? $$"""{"content":{{List(() => $$"""{"token":{{Text()}},"id":{{Number()}},"logprob":{{Number()}},"bytes":{{List(Number)}},"top_logprobs":{{Value()}} }""")}} }"""
        : $$"""{"tokens":{{List(Text)}},"token_logprobs":{{List(Number)}},"top_logprobs":[{"a":{{Number()}}},null]}""";

    private string Usage() =>
        $$"""{"prompt_tokens":{{Number()}},"completion_tokens":{{Number()}},"prompt_tokens_details":{"cached_tokens":{{Number()}} },"completion_tokens_details":{{Value()}} }""";

    /// <summary>Anything.</summary>
    private string Value(int depth = 0) => random.Next(depth > 4 ? 5 : 8) switch
    {
        0 => "null",
        1 => "true",
        2 => Number(),
        3 or 4 => Text(),
        5 => "[" + Value(depth + 1) + "," + Value(depth + 1) + "]",
        6 => new string('[', random.Next(100)),
        _ => $$"""{"content":{{Value(depth + 1)}},"message":{{Value(depth + 1)}},"code":{{Value(depth + 1)}}}""",
    };

    private string Text() => "\"" + string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Pick(Strings))) + "\"";

    private string Number() => Wrong(20) ? Pick(Numbers) : random.Next(256).ToString(CultureInfo.InvariantCulture);

    private string List(Func<string> item) => "[" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => item())) + "]";

    private byte[] Mutate(byte[] bytes)
    {
        for (var change = Wrong(30) ? random.Next(4) : 0; change > 0 && bytes.Length > 0; change--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes = bytes[..at];
                    break;
                case 2:
                    bytes = [.. bytes[..at], .. bytes[random.Next(at + 1)..]];
                    break;
                default:
                    bytes = [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]];
                    break;
            }
        }

        return bytes;
    }

    private string Pick(string[] choices) => choices[random.Next(choices.Length)];

    private bool Wrong(int percent) => random.Next(200) < percent * _malice;

    private bool Chance(int percent) => random.Next(100) < percent;
}
