using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.OpenAI.Streaming;

/// <summary>
/// Reads the chunks in which nearly all tokens come, one choice with a text and no more to say, without making objects of them. Whatever
/// else a chunk says is for the whole reader (<see cref="ChoiceDeltas.Add"/>), which says the same of these.
/// </summary>
internal ref struct PlainChunk
{
    private Utf8JsonReader _json;
    private ReadOnlySpan<byte> _text;
    private bool _hasChoices;
    private bool _hasText;

    /// <param name="data">An event's data.</param>
    /// <param name="text">As it stands between its quotes, which is what it is: it has no escapes.</param>
    /// <returns>False: there is more in it, or something else.</returns>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static bool TryRead(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> text)
    {
        var chunk = new PlainChunk { _json = new Utf8JsonReader(data) };
        var isPlain = chunk.TryReadChunk();
        text = chunk._text;
        return isPlain;
    }

    private bool TryReadChunk()
    {
        if (!_json.Read() || _json.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            var isRead = _json.ValueTextEquals("choices"u8) ? TryReadChoices()
                : _json.ValueTextEquals("error"u8) || _json.ValueTextEquals("usage"u8) || _json.ValueTextEquals("timings"u8) ? TryReadNull()
                : _json.ValueTextEquals("object"u8) ? TryReadObjectName()
                : TrySkip();
            if (!isRead)
            {
                return false;
            }
        }

        // What follows the object is no JSON any more: the reader throws.
        return _hasText && !_json.Read();
    }

    private bool TryReadChoices()
    {
        if (_hasChoices || !IsNext(JsonTokenType.StartArray) || !IsNext(JsonTokenType.StartObject))
        {
            return false;
        }

        _hasChoices = true;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            var isRead = _json.ValueTextEquals("delta"u8) ? TryReadDelta()
                : _json.ValueTextEquals("index"u8) ? _json.Read() && _json.TokenType == JsonTokenType.Number && _json.TryGetInt32(out var index) && index == 0
                : TryReadNull();
            if (!isRead)
            {
                return false;
            }
        }

        return IsNext(JsonTokenType.EndArray);
    }

    private bool TryReadDelta()
    {
        if (_hasText || !IsNext(JsonTokenType.StartObject))
        {
            return false;
        }

        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            var isRead = _json.ValueTextEquals("content"u8) ? TryReadText()
                : _json.ValueTextEquals("role"u8) ? TrySkip()
                : TryReadNull();
            if (!isRead)
            {
                return false;
            }
        }

        return true;
    }

    private bool TryReadText()
    {
        if (_hasText || !IsNext(JsonTokenType.String) || _json.ValueIsEscaped)
        {
            return false;
        }

        _text = _json.ValueSpan;
        return _hasText = true;
    }

    // Some engines tell a failure in an object that is named so.
    private bool TryReadObjectName() => IsNext(JsonTokenType.String) && !_json.ValueTextEquals("error"u8);

    private bool TryReadNull() => IsNext(JsonTokenType.Null);

    private bool TrySkip() => _json.Read() && _json.TrySkip();

    private bool IsNext(JsonTokenType type) => _json.Read() && _json.TokenType == type;
}
