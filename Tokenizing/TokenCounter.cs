namespace ComputeShare.Tokenizing;

/// <summary>
/// Counts the tokens of a text that arrives in pieces; the count is exact after each of them. The text is counted in sections, which end
/// where the vocabulary lets it be cut, and after <see cref="LongestSection"/> characters at the latest: so a piece costs no more than a
/// section's work, and the count depends on the text alone, not on how it came. For one thread at a time.
/// </summary>
public sealed class TokenCounter(TextTokenizer tokenizer)
{
    /// <summary>
    /// Text without a place to cut is cut here, at the price of a token or so: else whoever sends it would make each piece cost more than
    /// the one before.
    /// </summary>
    public const int LongestSection = 512;

    [ThreadStatic]
    private static List<int>? _scratch;

    private char[] _section = new char[32];
    private int _length;
    private bool _isStart = true;
    private int _settled;
    private int _open;
    private bool _isCounted = true;

    /// <summary>Tokens of the text so far.</summary>
    public int Count
    {
        get
        {
            if (!_isCounted)
            {
                (_open, _isCounted) = (CountSection(), true);
            }

            return _settled + _open;
        }
    }

    /// <summary>Tokens of the sections that have ended: no text that follows makes the count less than this.</summary>
    public int Settled => _settled;

    public static int CountOf(TextTokenizer tokenizer, ReadOnlySpan<char> text)
    {
        var counter = new TokenCounter(tokenizer);
        counter.Append(text);
        return counter.Count;
    }

    public void Append(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (_length > 0 && EndsBefore(character))
            {
                _settled += CountSection();
                (_length, _isStart) = (0, false);
            }

            if (_length == _section.Length)
            {
                Array.Resize(ref _section, _length * 2);
            }

            _section[_length++] = character;
        }

        _isCounted = _isCounted && text.IsEmpty;
    }

    /// <summary>What the count would be with more text.</summary>
    public int CountWith(ReadOnlySpan<char> more)
    {
        var copy = (TokenCounter)MemberwiseClone();
        copy._section = (char[])_section.Clone();
        copy.Append(more);
        return copy.Count;
    }

    private bool EndsBefore(char next) =>
        tokenizer.Cuts.IsBetween(_section[_length - 1], next) || (_length >= LongestSection && !char.IsLowSurrogate(next));

    private int CountSection()
    {
        if (_length == 0)
        {
            return 0;
        }

        ReadOnlySpan<char> section = _section.AsSpan(0, _length);
        var isShort = _length <= SectionCounts.LongestSection;
        if (isShort && tokenizer.Counted.TryFind(section, _isStart, out var known))
        {
            return known;
        }

        var tokens = _scratch ??= [];
        tokens.Clear();
        tokenizer.Encode(section, _isStart, tokens);
        if (isShort)
        {
            tokenizer.Counted.Keep(section, _isStart, tokens.Count);
        }

        return tokens.Count;
    }
}
