namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars;

/// <summary>
/// A rule of a grammar over bytes, and over the symbols that stand for control tokens. Does not change once its <see cref="Grammar"/> is
/// made, so that choices may share it.
/// </summary>
internal abstract class GrammarNode
{
    /// <summary>Longer than any text: nothing matches.</summary>
    public const int Never = 1 << 28;

    /// <summary>How many symbols the shortest text has that matches; known once the grammar is made.</summary>
    public int Least { get; private set; } = Never;

    public virtual IEnumerable<GrammarNode> Parts => [];

    /// <summary>Symbols of the shortest text from this place in the node on.</summary>
    public abstract int LeastFrom(int at);

    /// <summary>Finds <see cref="Least"/> from what the parts have by now; false when it stays.</summary>
    public bool Measure()
    {
        var least = Math.Min(LeastFrom(0), Never);
        var changes = least != Least;
        Least = least;
        return changes;
    }
}

/// <summary>These bytes, of which there is at least one.</summary>
internal sealed class Literal(byte[] bytes) : GrammarNode
{
    public ReadOnlySpan<byte> Bytes => bytes;

    public override int LeastFrom(int at) => bytes.Length - at;
}

/// <summary>One symbol of a set.</summary>
internal sealed class OneOf(SymbolSet symbols) : GrammarNode
{
    public SymbolSet Symbols => symbols;

    public override int LeastFrom(int at) => symbols.IsEmpty ? Never : 1;
}

/// <summary>One after another; nothing at all when there are none.</summary>
internal sealed class Sequence(params GrammarNode[] items) : GrammarNode
{
    public IReadOnlyList<GrammarNode> Items => items;

    public override IEnumerable<GrammarNode> Parts => items;

    public override int LeastFrom(int at)
    {
        var least = 0;
        for (; at < items.Length; at++)
        {
            least = Math.Min(Never, least + items[at].Least);
        }

        return least;
    }
}

/// <summary>One of these; none of them when there are none, which nothing matches.</summary>
internal sealed class Choice(params GrammarNode[] options) : GrammarNode
{
    public IReadOnlyList<GrammarNode> Options => options;

    public override IEnumerable<GrammarNode> Parts => options;

    public override int LeastFrom(int at)
    {
        var least = Never;
        foreach (var option in options)
        {
            least = Math.Min(least, option.Least);
        }

        return least;
    }
}

/// <summary>The item, which is never empty, this many times; <see cref="int.MaxValue"/> has no bound.</summary>
internal sealed class Repeat(GrammarNode item, int least, int most) : GrammarNode
{
    public GrammarNode Item => item;

    public int LeastTimes => least;

    public int MostTimes => most;

    public override IEnumerable<GrammarNode> Parts => [item];

    public override int LeastFrom(int at) => least > most ? Never : (int)Math.Min(Never, (long)Math.Max(0, least - at) * item.Least);

    /// <summary>What to remember after one more; without a bound nothing needs to be counted above the least.</summary>
    public int After(int times) => most == int.MaxValue ? Math.Min(times + 1, least) : times + 1;
}

/// <summary>Another rule, which may contain this one.</summary>
internal sealed class Reference : GrammarNode
{
    public GrammarNode? Target { get; set; }

    public override IEnumerable<GrammarNode> Parts => Target is null ? [] : [Target];

    public override int LeastFrom(int at) => Target?.Least ?? Never;
}
