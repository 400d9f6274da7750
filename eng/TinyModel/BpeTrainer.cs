using System.Text;
using ComputeShare.Tokenizing.BytePairs;

namespace ComputeShare.TinyModel;

/// <summary>
/// Byte-level BPE training: begins with the 256 bytes and joins the most frequent pair of neighbours, over and over. Equal counts are
/// decided by the pair's text, so that the result does not depend on any hash order.
/// </summary>
internal sealed class BpeTrainer
{
    private readonly List<Word> _words;
    private readonly Dictionary<(string Left, string Right), PairUse> _pairs = [];

    private BpeTrainer(string text)
    {
        _words = KnownPreTokenizers.OfGpt2.Split(text)
            .CountBy(piece => piece, StringComparer.Ordinal)
            .OrderBy(piece => piece.Key, StringComparer.Ordinal)
            .Select(piece => new Word(Symbols(piece.Key), piece.Value))
            .ToList();
        foreach (var word in _words)
        {
            CountPairs(word, word.Count);
        }
    }

    public static Vocabulary Train(string text, int merges)
    {
        var trainer = new BpeTrainer(text);
        var written = new List<string>();
        var tokens = Enumerable.Range(0, ByteAlphabet.Size).Select(value => ByteAlphabet.Write([(byte)value])).ToList();
        while (written.Count < merges)
        {
            var (left, right) = trainer.MostFrequentPair();
            written.Add($"{left} {right}");
            tokens.Add(left + right);
            trainer.Join(left, right);
        }

        return new Vocabulary(tokens, written);
    }

    private static List<string> Symbols(string piece) =>
        Encoding.UTF8.GetBytes(piece).Select(value => ByteAlphabet.Write([value])).ToList();

    private (string Left, string Right) MostFrequentPair()
    {
        var (best, most) = (("", ""), 0L);
        foreach (var (pair, use) in _pairs)
        {
            if (use.Count > most || (use.Count == most && most > 0 && string.CompareOrdinal($"{pair.Left} {pair.Right}", $"{best.Item1} {best.Item2}") < 0))
            {
                (best, most) = (pair, use.Count);
            }
        }

        return most > 0 ? best : throw new InvalidOperationException("The text is too small for so many merges.");
    }

    private void Join(string left, string right)
    {
        foreach (var word in _pairs[(left, right)].Words.ToArray())
        {
            CountPairs(word, -word.Count);
            for (var i = 0; i + 1 < word.Symbols.Count; i++)
            {
                if (word.Symbols[i] == left && word.Symbols[i + 1] == right)
                {
                    word.Symbols[i] = left + right;
                    word.Symbols.RemoveAt(i + 1);
                }
            }

            CountPairs(word, word.Count);
        }
    }

    private void CountPairs(Word word, long count)
    {
        for (var i = 0; i + 1 < word.Symbols.Count; i++)
        {
            var pair = (word.Symbols[i], word.Symbols[i + 1]);
            if (!_pairs.TryGetValue(pair, out var use))
            {
                _pairs[pair] = use = new PairUse();
            }

            use.Count += count;
            if (count > 0)
            {
                use.Words.Add(word);
            }
        }
    }

    /// <summary>A piece of the text, its tokens so far, and how often the text has it.</summary>
    private sealed class Word(List<string> symbols, int count)
    {
        public List<string> Symbols => symbols;

        public int Count => count;
    }

    /// <summary>Where a pair stands; words may be among them that no longer have it.</summary>
    private sealed class PairUse
    {
        public long Count { get; set; }

        public HashSet<Word> Words { get; } = [];
    }
}

/// <param name="Tokens">In order of their ids: bytes, then one per merge.</param>
/// <param name="Merges">The two halves of each merge with a space between, in order of rank.</param>
internal sealed record Vocabulary(List<string> Tokens, List<string> Merges);
