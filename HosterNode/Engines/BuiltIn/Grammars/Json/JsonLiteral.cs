using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

/// <summary>
/// JSON as this engine writes it: no white space, characters as themselves, escapes only where there must be one. Each text has one
/// such form, so that keys can be told apart by their bytes.
/// </summary>
internal static class JsonLiteral
{
    public static byte[] Of(JsonElement value)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(value, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>With its quotes.</summary>
    public static byte[] Of(string text)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(text, output);
        return output.WrittenSpan.ToArray();
    }

    private static void Write(JsonElement value, ArrayBufferWriter<byte> output)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteAll(value.EnumerateObject(), '{', '}', output, property =>
                {
                    Write(property.Name, output);
                    output.Write(":"u8);
                    Write(property.Value, output);
                });
                break;
            case JsonValueKind.Array:
                WriteAll(value.EnumerateArray(), '[', ']', output, item => Write(item, output));
                break;
            case JsonValueKind.String:
                Write(value.GetString()!, output);
                break;
            default:
                output.Write(Encoding.UTF8.GetBytes(value.GetRawText()));
                break;
        }
    }

    private static void WriteAll<T>(IEnumerable<T> items, char open, char close, ArrayBufferWriter<byte> output, Action<T> write)
    {
        output.Write([(byte)open]);
        var isFirst = true;
        foreach (var item in items)
        {
            output.Write(isFirst ? [] : ","u8);
            isFirst = false;
            write(item);
        }

        output.Write([(byte)close]);
    }

    private static void Write(string text, ArrayBufferWriter<byte> output)
    {
        var escaped = new StringBuilder("\"");
        foreach (var character in text)
        {
            escaped.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => character.ToString(),
            });
        }

        output.Write(Encoding.UTF8.GetBytes(escaped.Append('"').ToString()));
    }
}
