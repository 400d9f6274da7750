using System.Collections.Frozen;
using System.Text;
using ComputeShare.HosterNode.Engines.BuiltIn.Gguf;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Tokenizing;

/// <summary>
/// Byte-level BPE with the vocabulary of a GGUF file. Text is never read for special tokens: what a caller writes stays text, and only
/// the chat template places them.
/// </summary>
internal sealed class BpeTokenizer
{
    // GGUF's llama_token_type: 1 is a normal token, 3 a control token, 4 one that a user defined.
    private const long NormalToken = 1;
    private const int MaxVocabulary = 1 << 20;

    private readonly byte[][] _bytes;
    private readonly bool[] _isText;
    private readonly FrozenDictionary<string, int> _ids;
    private readonly FrozenDictionary<(int Left, int Right), Merge> _merges;
    private readonly int[] _byteTokens;

    private BpeTokenizer(string[] tokens, long[] types, string[] merges)
    {
        _ids = ToIds(tokens);
        _isText = types.Select(type => type == NormalToken).ToArray();
        _bytes = tokens.Select((token, id) => ToBytes(token, _isText[id])).ToArray();
        _byteTokens = Enumerable.Range(0, ByteAlphabet.Size).Select(value => IdOf(ByteAlphabet.Write([(byte)value]))).ToArray();
        _merges = ToMerges(merges);
        LongestToken = _bytes.Max(bytes => bytes.Length);
    }

    public int VocabularySize => _bytes.Length;

    /// <summary>Bytes of the longest token: a text of more than n times this has more than n tokens.</summary>
    public int LongestToken { get; }

    public static BpeTokenizer Read(GgufFile file)
    {
        if (file.Get<string>("tokenizer.ggml.model") is var model && model != "gpt2")
        {
            throw new GgufException($"Tokenizer {model} is not supported; this engine has gpt2 (byte-level BPE).");
        }

        if (file.Get<string>("tokenizer.ggml.pre") is var pre && pre != PreTokenizer.Name)
        {
            throw new GgufException($"Pre-tokenizer {pre} is not supported; this engine has {PreTokenizer.Name}.");
        }

        var tokens = file.Get<string[]>("tokenizer.ggml.tokens");
        var types = file.Get<long[]>("tokenizer.ggml.token_type");
        return tokens.Length is > 0 and <= MaxVocabulary && tokens.Length == types.Length
            ? new BpeTokenizer(tokens, types, file.Get<string[]>("tokenizer.ggml.merges"))
            : throw new GgufException($"The vocabulary has {tokens.Length} tokens and {types.Length} token types.");
    }

    /// <exception cref="GgufException">The vocabulary has no such token.</exception>
    public int IdOf(string token) =>
        _ids.TryGetValue(token, out var id) ? id : throw new GgufException($"The vocabulary has no token {token}.");

    /// <summary>A control token of this name; null when the vocabulary has none.</summary>
    public int? FindControl(string token) => _ids.TryGetValue(token, out var id) && !_isText[id] ? id : null;

    /// <summary>The token stands for text; control tokens do not, and are never shown.</summary>
    public bool IsText(int id) => _isText[id];

    /// <summary>The bytes that a token stands for; none for control tokens.</summary>
    public ReadOnlySpan<byte> BytesOf(int id) => _bytes[id];

    public void Encode(string text, List<int> tokens)
    {
        foreach (var piece in PreTokenizer.Split(text))
        {
            var symbols = Encoding.UTF8.GetBytes(piece).Select(value => _byteTokens[value]).ToList();
            MergeSymbols(symbols);
            tokens.AddRange(symbols);
        }
    }

    /// <summary>Joins the pair of the lowest rank everywhere, until no pair has a rank.</summary>
    private void MergeSymbols(List<int> symbols)
    {
        while (FindBest(symbols) is { } best)
        {
            var kept = 0;
            for (var i = 0; i < symbols.Count; i++)
            {
                var joins = i + 1 < symbols.Count && symbols[i] == best.Left && symbols[i + 1] == best.Right;
                symbols[kept++] = joins ? _merges[best].Token : symbols[i];
                i += joins ? 1 : 0;
            }

            symbols.RemoveRange(kept, symbols.Count - kept);
        }
    }

    private (int Left, int Right)? FindBest(List<int> symbols)
    {
        (int Left, int Right)? best = null;
        var bestRank = int.MaxValue;
        for (var i = 0; i + 1 < symbols.Count; i++)
        {
            if (_merges.TryGetValue((symbols[i], symbols[i + 1]), out var merge) && merge.Rank < bestRank)
            {
                (best, bestRank) = ((symbols[i], symbols[i + 1]), merge.Rank);
            }
        }

        return best;
    }

    private static FrozenDictionary<string, int> ToIds(string[] tokens)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < tokens.Length; id++)
        {
            if (!ids.TryAdd(tokens[id], id))
            {
                throw new GgufException($"Tokens {ids[tokens[id]]} and {id} are the same.");
            }
        }

        return ids.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static byte[] ToBytes(string token, bool isText) => !isText
        ? []
        : token.Length > 0 && ByteAlphabet.TryRead(token, out var bytes)
            ? bytes
            : throw new GgufException("A token of the vocabulary is not written in the byte alphabet.");

    private FrozenDictionary<(int Left, int Right), Merge> ToMerges(string[] merges)
    {
        var table = new Dictionary<(int Left, int Right), Merge>();
        for (var rank = 0; rank < merges.Length; rank++)
        {
            if (merges[rank].Split(' ') is not [var left, var right])
            {
                throw new GgufException($"Merge {rank} is not two tokens with a space between them.");
            }

            table.TryAdd((IdOf(left), IdOf(right)), new(rank, IdOf(left + right)));
        }

        return table.ToFrozenDictionary();
    }

    private readonly record struct Merge(int Rank, int Token);
}
