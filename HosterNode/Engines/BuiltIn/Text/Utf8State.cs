namespace ComputeShare.HosterNode.Engines.BuiltIn.Text;

/// <summary>
/// Where in a UTF-8 character a stream of bytes stands. Table 3-7 of the Unicode Standard: after some lead bytes the first following
/// byte has a narrower range, which keeps out overlong forms, surrogates and values above U+10FFFF.
/// </summary>
internal readonly record struct Utf8State
{
    private readonly byte _missing;
    private readonly byte _least;
    private readonly byte _most;

    private Utf8State(byte missing, byte least, byte most)
    {
        _missing = missing;
        _least = least;
        _most = most;
    }

    /// <summary>No character is open.</summary>
    public bool IsWhole => _missing == 0;

    /// <summary>False when no text can go on with these bytes.</summary>
    public bool TryAdvance(ReadOnlySpan<byte> bytes, out Utf8State next)
    {
        next = this;
        foreach (var value in bytes)
        {
            if (next.After(value) is not { } after)
            {
                return false;
            }

            next = after;
        }

        return true;
    }

    private Utf8State? After(byte value)
    {
        if (!IsWhole)
        {
            return value < _least || value > _most ? null : _missing == 1 ? default(Utf8State) : new((byte)(_missing - 1), 0x80, 0xbf);
        }

        return value switch
        {
            < 0x80 => default(Utf8State),
            >= 0xc2 and <= 0xdf => new(1, 0x80, 0xbf),
            0xe0 => new(2, 0xa0, 0xbf),
            0xed => new(2, 0x80, 0x9f),
            >= 0xe1 and <= 0xef => new(2, 0x80, 0xbf),
            0xf0 => new(3, 0x90, 0xbf),
            >= 0xf1 and <= 0xf3 => new(3, 0x80, 0xbf),
            0xf4 => new(3, 0x80, 0x8f),
            _ => null,
        };
    }
}
