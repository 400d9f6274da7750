namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars;

/// <summary>A set of symbols: the 256 bytes, and what stands for a control token.</summary>
internal sealed class SymbolSet
{
    /// <summary>Stands for the control token that begins a tool call.</summary>
    public const int ToolCall = 256;

    /// <summary>How many symbols there are.</summary>
    public const int Size = 257;

    private const int WordBits = 64;

    private readonly ulong[] _words = new ulong[(Size + WordBits - 1) / WordBits];

    public static SymbolSet Of(params ReadOnlySpan<byte> symbols)
    {
        var set = new SymbolSet();
        foreach (var symbol in symbols)
        {
            set.Add(symbol);
        }

        return set;
    }

    public static SymbolSet Of(int symbol)
    {
        var set = new SymbolSet();
        set.Add(symbol);
        return set;
    }

    /// <param name="least">The first one.</param>
    /// <param name="most">The last one.</param>
    public static SymbolSet Range(byte least, byte most)
    {
        var set = new SymbolSet();
        for (int symbol = least; symbol <= most; symbol++)
        {
            set.Add(symbol);
        }

        return set;
    }

    public bool Contains(int symbol) => (_words[symbol / WordBits] & (1UL << (symbol % WordBits))) != 0;

    public bool IsEmpty => _words.All(word => word == 0);

    public SymbolSet With(SymbolSet other) => Combine(other, static (mine, others) => mine | others);

    public SymbolSet Without(SymbolSet other) => Combine(other, static (mine, others) => mine & ~others);

    private SymbolSet Combine(SymbolSet other, Func<ulong, ulong, ulong> combine)
    {
        var set = new SymbolSet();
        for (var word = 0; word < _words.Length; word++)
        {
            set._words[word] = combine(_words[word], other._words[word]);
        }

        return set;
    }

    private void Add(int symbol) => _words[symbol / WordBits] |= 1UL << (symbol % WordBits);
}
