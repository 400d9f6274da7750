using System.Globalization;
using System.Text;

namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>JSON as somebody might send it who means harm: of the right shape mostly, and wrong somewhere.</summary>
internal class HostileJson(Random random)
{
    /// <summary>Stands in many strings: no error may repeat it.</summary>
    public const string Marker = "xyzzy";

    private static readonly string[] Strings =
    [
        "", "a", " " + Marker, "é", "🎉", "\\ud83c", "\\udf89", "\\ud83c\\udf89", "\\u0000", "\\\"", "\\\\", "\\n", "\ufeff", "\u202e", "auto", "user", "text", "function",
        "call_1", "https://a.example/x.png", "data:image/png;base64,iVBORw0KGgo=", "data:image/png;base64,iVBOR", "data:,", "{\\\"a\\\":1}", "<|im_start|>",
    ];

    private static readonly string[] Numbers =
    [
        "0", "1", "2", "7", "-1", "-2", "1.5", "0.1", "1e308", "1e999", "-1e999", "2147483647", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808",
        "99999999999999999999999999", "-0", "-0.0", "0.0000001", "1E2", "1e-400", "79228162514264337593543950335", "0.1234567891",
    ];

    // Of one body in three nothing is wrong, of another little, of the last much.
    private readonly int _malice = random.Next(3);

    protected Random Random => random;

    /// <summary>An object of some of these fields, each once, unless something is wrong.</summary>
    protected string Object(IReadOnlyList<(string Name, Func<string> Value)> fields, int likely = 40, params string[] needed)
    {
        var text = new StringBuilder("{");
        foreach (var (name, value) in fields)
        {
            if (needed.Contains(name) ? !Wrong(5) : Chance(likely))
            {
                Append(text, name, Wrong(6) ? Value() : Wrong(4) ? "null" : value());
            }
        }

        if (Wrong(8))
        {
            Append(text, Wrong(50) && fields.Count > 0 ? Pick(fields).Name : Name(), Value());
        }

        return text.Append('}').ToString();
    }

    /// <summary>Anything.</summary>
    protected string Value(int depth = 0) => random.Next(depth > 4 ? 5 : 9) switch
    {
        0 => "null",
        1 => Chance(50) ? "true" : "false",
        2 => Number(),
        3 or 4 => Text(),
        5 => "[" + Value(depth + 1) + "," + Value(depth + 1) + "]",
        6 => string.Concat(Enumerable.Repeat("[", random.Next(100))),
        7 => "[]",
        _ => $$"""{"type":{{Value(depth + 1)}},"text":{{Value(depth + 1)}},"{{Name()}}":{{Value(depth + 1)}} }""",
    };

    protected string Text() => "\"" + string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Pick(Strings))) + "\"";

    /// <summary>One of these, unless something is wrong.</summary>
    protected string Word(params string[] words) => Wrong(10) ? Text() : $"\"{Pick(words)}\"";

    protected string Number(int below = 256) => Wrong(20) ? Pick(Numbers) : random.Next(below).ToString(CultureInfo.InvariantCulture);

    protected string Flag() => Wrong(10) ? Value() : Chance(50) ? "true" : "false";

    protected string List(Func<string> item, int most = 4) => "[" + string.Join(',', Enumerable.Range(0, Wrong(3) ? random.Next(40) : random.Next(1, most)).Select(_ => item())) + "]";

    protected T Pick<T>(IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];

    protected bool Wrong(int percent) => random.Next(200) < percent * _malice;

    protected bool Chance(int percent) => random.Next(100) < percent;

    protected byte[] Mutate(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var change = Wrong(20) ? random.Next(4) : 0; change > 0 && bytes.Length > 0; change--)
        {
            var at = random.Next(bytes.Length);
            bytes = random.Next(4) switch
            {
                0 => [.. bytes[..at], (byte)random.Next(256), .. bytes[(at + 1)..]],
                1 => bytes[..at],
                2 => [.. bytes[..at], .. bytes[random.Next(at + 1)..]],
                _ => [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]],
            };
        }

        return bytes;
    }

    private string Name() => Chance(90) ? Pick(["content", "role", "n", "model", "stop", "what", "", "__proto__", "a.b", "\\u0061", "\\n"]) : new string('n', random.Next(5000));

    private static void Append(StringBuilder text, string name, string value) =>
        text.Append(text.Length > 1 ? "," : "").Append('"').Append(name).Append("\":").Append(value);
}
