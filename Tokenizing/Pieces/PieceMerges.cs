using System.Collections.Frozen;

namespace ComputeShare.Tokenizing.Pieces;

/// <summary>
/// What two pieces become. Where the vocabulary gives scores, any two neighbours that are a piece together become it, the best score
/// first; where it lists merges, those.
/// </summary>
/// <param name="Symbols">
/// Ids of pieces, and of characters that only occur within pieces: these have ids above the vocabulary's, by their code point.
/// </param>
internal sealed record PieceMerges(FrozenDictionary<string, int> Symbols, MergeTable Table)
{
    public static PieceMerges ByScore(TokenList vocabulary, double[] scores)
    {
        if (scores.Length != vocabulary.Texts.Length)
        {
            throw new TokenizerException($"The vocabulary has {vocabulary.Texts.Length} tokens and {scores.Length} scores.");
        }

        var symbols = SymbolsOf(vocabulary);
        var table = new MergeTable();
        // Equal scores have equal ranks, so that the leftmost pair wins, as in SentencePiece.
        var ranks = scores.Distinct().OrderDescending().Select((score, rank) => (score, rank)).ToDictionary(pair => pair.score, pair => pair.rank);
        for (var id = 0; id < vocabulary.Texts.Length; id++)
        {
            var text = vocabulary.Texts[id];
            foreach (var (left, right) in Halves(text))
            {
                if (symbols.TryGetValue(left, out var leftId) && symbols.TryGetValue(right, out var rightId))
                {
                    table.Add(leftId, rightId, ranks[scores[id]], id);
                }
            }
        }

        return new PieceMerges(symbols.ToFrozenDictionary(StringComparer.Ordinal), table);
    }

    public static PieceMerges Listed(TokenList vocabulary, IEnumerable<(string Left, string Right)> merges)
    {
        var symbols = SymbolsOf(vocabulary);
        var table = new MergeTable();
        var rank = 0;
        foreach (var (left, right) in merges)
        {
            table.Add(Find(left), Find(right), rank++, Find(left + right));
        }

        return new PieceMerges(symbols.ToFrozenDictionary(StringComparer.Ordinal), table);

        int Find(string piece) => symbols.TryGetValue(piece, out var id) ? id : throw new TokenizerException($"The vocabulary has no piece {piece}.");
    }

    private static Dictionary<string, int> SymbolsOf(TokenList vocabulary)
    {
        var symbols = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < vocabulary.Texts.Length; id++)
        {
            symbols.TryAdd(vocabulary.Texts[id], id);
        }

        foreach (var rune in vocabulary.Texts.SelectMany(text => text.EnumerateRunes()))
        {
            symbols.TryAdd(rune.ToString(), vocabulary.Texts.Length + rune.Value);
        }

        return symbols;
    }

    private static IEnumerable<(string Left, string Right)> Halves(string text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (!char.IsLowSurrogate(text[i]))
            {
                yield return (text[..i], text[i..]);
            }
        }
    }
}
