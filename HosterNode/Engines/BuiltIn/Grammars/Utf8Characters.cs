namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars;

/// <summary>Characters as the bytes of UTF-8 (table 3-7 of the Unicode Standard): no overlong form, no surrogate, none above U+10FFFF.</summary>
internal static class Utf8Characters
{
    private static readonly SymbolSet Following = SymbolSet.Range(0x80, 0xbf);

    /// <summary>Any text, as a model writes it when nothing is asked of it.</summary>
    public static Grammar AnyText { get; } = new(Text());

    public static GrammarNode Text() => new Repeat(new Choice([new OneOf(SymbolSet.Range(0x00, 0x7f)), .. TwoOrThreeBytes(), .. FourBytes()]), 0, int.MaxValue);

    /// <summary>Characters from U+0080 to U+FFFF.</summary>
    public static GrammarNode[] TwoOrThreeBytes() =>
    [
        Character(SymbolSet.Range(0xc2, 0xdf), Following),
        Character(SymbolSet.Of(0xe0), SymbolSet.Range(0xa0, 0xbf), Following),
        Character(SymbolSet.Range(0xe1, 0xec).With(SymbolSet.Range(0xee, 0xef)), Following, Following),
        Character(SymbolSet.Of(0xed), SymbolSet.Range(0x80, 0x9f), Following),
    ];

    /// <summary>Characters above U+FFFF, which are two of UTF-16.</summary>
    public static GrammarNode[] FourBytes() =>
    [
        Character(SymbolSet.Of(0xf0), SymbolSet.Range(0x90, 0xbf), Following, Following),
        Character(SymbolSet.Range(0xf1, 0xf3), Following, Following, Following),
        Character(SymbolSet.Of(0xf4), SymbolSet.Range(0x80, 0x8f), Following, Following),
    ];

    private static Sequence Character(params ReadOnlySpan<SymbolSet> bytes)
    {
        var items = new GrammarNode[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            items[i] = new OneOf(bytes[i]);
        }

        return new Sequence(items);
    }
}
