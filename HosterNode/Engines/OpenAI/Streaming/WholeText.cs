using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using ComputeShare.ServiceDefaults.Texts;

namespace ComputeShare.HosterNode.Engines.OpenAI.Streaming;

/// <summary>
/// Joins JSON strings that come in pieces. Some engines cut within a character, as half of a surrogate pair in each of two escapes or as
/// half of its bytes; what is incomplete waits for the next piece, and no replacement character comes of it.
/// </summary>
internal sealed class WholeText
{
    private const char Replacement = '\uFFFD';

    private readonly Decoder _bytes = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _text = new();
    private bool _isWhole = true;

    /// <summary>Whole characters, as far as they are complete.</summary>
    /// <exception cref="EngineException">This is neither a text nor null.</exception>
    public string Add(JsonElement piece)
    {
        if (!piece.IsSet())
        {
            return "";
        }

        if (piece.ValueKind != JsonValueKind.String)
        {
            throw EngineFailures.Malformed();
        }

        // As it was written, between its quotes; the parser has checked the escapes.
        var rest = JsonMarshal.GetRawUtf8Value(piece)[1..^1];
        if (rest.IndexOf((byte)'\\') < 0 && TryAdd(rest, out var text))
        {
            return text;
        }

        while (!rest.IsEmpty)
        {
            var run = rest.IndexOf((byte)'\\') is var escape and >= 0 ? escape : rest.Length;
            Decode(rest[..run], isEnd: run < rest.Length);
            rest = rest[run..];
            if (!rest.IsEmpty)
            {
                rest = rest[Unescape(rest)..];
            }
        }

        return TakeWhole();
    }

    /// <summary>A piece without escapes.</summary>
    /// <returns>False: it is not whole characters by itself, and nothing is taken of it.</returns>
    public bool TryAdd(ReadOnlySpan<byte> utf8, out string text)
    {
        var isWhole = _isWhole && Utf8.IsValid(utf8);
        text = isWhole ? TokenTexts.Of(utf8) : "";
        return isWhole;
    }

    private void Decode(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        var characters = new char[bytes.Length + 2];
        _text.Append(characters, 0, _bytes.GetChars(bytes, characters, isEnd));
    }

    /// <summary>Returns the length of the escape at the beginning.</summary>
    private int Unescape(ReadOnlySpan<byte> escape)
    {
        if (escape[1] == 'u')
        {
            _text.Append((char)Convert.ToUInt16(Encoding.ASCII.GetString(escape.Slice(2, 4)), 16));
            return 6;
        }

        _text.Append((char)escape[1] switch
        {
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            var itself => itself,
        });
        return 2;
    }

    private string TakeWhole()
    {
        var keep = _text.Length > 0 && char.IsHighSurrogate(_text[^1]) ? 1 : 0;
        for (var i = 0; i < _text.Length - keep; i++)
        {
            if (char.IsHighSurrogate(_text[i]) && i + 1 < _text.Length && char.IsLowSurrogate(_text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(_text[i]))
            {
                _text[i] = Replacement;
            }
        }

        var whole = _text.ToString(0, _text.Length - keep);
        _text.Remove(0, whole.Length);
        // What the decoder would say if nothing more came: of the bytes that it keeps.
        _isWhole = _text.Length == 0 && _bytes.GetCharCount([], flush: true) == 0;
        return whole;
    }
}
