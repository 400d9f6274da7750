using System.Text;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

/// <summary>Keys that are none of an object's named properties: a tree of the names' bytes, left as soon as a byte differs.</summary>
internal sealed class KeyGrammar(JsonParts parts)
{
    // Where a key parts from all names it goes on with one of these: printable ASCII, so that no character is cut.
    private static readonly SymbolSet Parting = SymbolSet.Range(0x20, 0x7e).Without(SymbolSet.Of((byte)'"', (byte)'\\'));

    private readonly GrammarNode _rest = new Sequence(new Repeat(parts.Character, 0, int.MaxValue), JsonParts.Text("\""));

    /// <summary>Any key but an empty one and these, with its quotes.</summary>
    public GrammarNode Except(IEnumerable<string> names)
    {
        // Between the quotes, as this engine writes them.
        var written = names.Select(name => Encoding.UTF8.GetString(JsonLiteral.Of(name))[1..^1]).Select(Encoding.UTF8.GetBytes).ToArray();
        return new Sequence(JsonParts.Text("\""), Below(written, depth: 0));
    }

    private Choice Below(IReadOnlyList<byte[]> names, int depth)
    {
        var options = new List<GrammarNode>();
        var taken = new SymbolSet();
        foreach (var group in names.Where(name => name.Length > depth).GroupBy(name => name[depth]))
        {
            taken = taken.With(SymbolSet.Of(group.Key));
            options.Add(new Sequence(new Literal([group.Key]), Below([.. group], depth + 1)));
        }

        var isBetweenCharacters = names.All(name => IsBoundary(name, depth));
        if (isBetweenCharacters)
        {
            options.Add(new Sequence(new OneOf(Parting.Without(taken)), _rest));
            if (depth > 0 && names.All(name => name.Length != depth))
            {
                options.Add(JsonParts.Text("\""));
            }
        }

        return new Choice([.. options]);
    }

    // Neither within a character nor within an escape. All names at a place have the same bytes before it.
    private static bool IsBoundary(byte[] name, int depth)
    {
        if (depth < name.Length && (name[depth] & 0xc0) == 0x80)
        {
            return false;
        }

        var escapes = false;
        var unicode = 0;
        for (var i = 0; i < depth; i++)
        {
            unicode = unicode > 0 ? unicode - 1 : escapes && name[i] == 'u' ? 4 : 0;
            escapes = !escapes && unicode == 0 && name[i] == '\\';
        }

        return !escapes && unicode == 0;
    }
}
