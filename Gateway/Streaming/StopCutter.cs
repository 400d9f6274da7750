namespace ComputeShare.Gateway.Streaming;

/// <summary>
/// Lets text through up to the stop string that is complete first (as an engine would stop), however the text is cut into pieces: what may be the beginning of a stop string, or half
/// of a surrogate pair, is held back until the next piece decides.
/// </summary>
internal sealed class StopCutter(IReadOnlyList<string> stops)
{
    private string _held = "";

    public bool Stopped { get; private set; }

    /// <summary>The text that may go out now.</summary>
    public string Push(string piece)
    {
        if (Stopped || piece.Length == 0)
        {
            return "";
        }

        var text = _held.Length == 0 ? piece : _held + piece;
        if (FirstStop(text) is { } stop)
        {
            Stopped = true;
            _held = "";
            return text[..stop];
        }

        var keep = HeldLength(text);
        _held = keep == 0 ? "" : text[^keep..];
        return keep == 0 ? text : text[..^keep];
    }

    /// <summary>The text ends here: what was held back was no stop string.</summary>
    public string End()
    {
        var held = _held;
        _held = "";
        return held;
    }

    private int? FirstStop(string text)
    {
        (int End, int Start)? first = null;
        for (var index = 0; index < stops.Count; index++)
        {
            var stop = stops[index];
            var at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (first is null || (at + stop.Length, at).CompareTo(first.Value) < 0))
            {
                first = (at + stop.Length, at);
            }
        }

        return first?.Start;
    }

    /// <summary>The longest end of the text that a stop string begins with.</summary>
    private int HeldLength(string text)
    {
        var longest = char.IsHighSurrogate(text[^1]) ? 1 : 0;
        for (var index = 0; index < stops.Count; index++)
        {
            var stop = stops[index];
            for (var length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                {
                    longest = length;
                    break;
                }
            }
        }

        return longest;
    }
}
