using System.Text;
using ComputeShare.HosterNode.Engines.BuiltIn.Tokenizing;

namespace ComputeShare.TinyModel;

/// <summary>
/// Byte-level BPE training: begins with the 256 bytes and joins the most frequent pair of neighbours, over and over. Equal counts are
/// decided by the pair's text, so that the result does not depend on any hash order.
/// </summary>
internal sealed class BpeTrainer
{
    private readonly List<string> _merges = [];
    private readonly List<Word> _words;

    private BpeTrainer(string text) => _words = PreTokenizer.Split(text)
        .CountBy(piece => piece, StringComparer.Ordinal)
        .OrderBy(piece => piece.Key, StringComparer.Ordinal)
        .Select(piece => new Word(Symbols(piece.Key), piece.Value))
        .ToList();

    public static Vocabulary Train(string text, int merges)
    {
        var trainer = new BpeTrainer(text);
        var tokens = Enumerable.Range(0, ByteAlphabet.Size).Select(value => ByteAlphabet.Write([(byte)value])).ToList();
        while (trainer._merges.Count < merges)
        {
            var (left, right) = trainer.MostFrequentPair();
            trainer._merges.Add($"{left} {right}");
            tokens.Add(left + right);
            trainer.Join(left, right);
        }

        return new Vocabulary(tokens, trainer._merges);
    }

    private static List<string> Symbols(string piece) =>
        Encoding.UTF8.GetBytes(piece).Select(value => ByteAlphabet.Write([value])).ToList();

    private (string Left, string Right) MostFrequentPair() => _words
        .SelectMany(word => word.Symbols.Zip(word.Symbols.Skip(1), (left, right) => (Pair: (left, right), word.Count)))
        .AggregateBy(found => found.Pair, 0, (sum, found) => sum + found.Count)
        .OrderByDescending(pair => pair.Value)
        .ThenBy(pair => pair.Key.left, StringComparer.Ordinal)
        .ThenBy(pair => pair.Key.right, StringComparer.Ordinal)
        .First().Key;

    private void Join(string left, string right)
    {
        foreach (var word in _words)
        {
            for (var i = 0; i + 1 < word.Symbols.Count; i++)
            {
                if (word.Symbols[i] == left && word.Symbols[i + 1] == right)
                {
                    word.Symbols[i] = left + right;
                    word.Symbols.RemoveAt(i + 1);
                }
            }
        }
    }

    private sealed record Word(List<string> Symbols, int Count);
}

/// <param name="Tokens">In order of their ids: bytes, then one per merge.</param>
/// <param name="Merges">The two halves of each merge with a space between, in order of rank.</param>
internal sealed record Vocabulary(List<string> Tokens, List<string> Merges);
