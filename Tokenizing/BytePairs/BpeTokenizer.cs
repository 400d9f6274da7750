using System.Collections.Frozen;
using System.Text;
using ComputeShare.Tokenizing.Gguf;

namespace ComputeShare.Tokenizing.BytePairs;

/// <summary>
/// Byte-level BPE: the bytes of each piece are merged by rank. Text is never read for control tokens: what a caller writes stays text, and
/// only the chat template places them.
/// </summary>
public sealed class BpeTokenizer : TextTokenizer
{
    private readonly byte[][] _bytes;
    private readonly bool[] _isText;
    private readonly FrozenDictionary<string, int> _ids;
    private readonly MergeTable _merges = new();
    private readonly int[] _byteTokens;
    private readonly PreTokenizer _pieces;
    private readonly BpeSettings _settings;
    private readonly WholeTokens _wholes;
    private readonly WholeTokens.EncodeText _encode;
    private readonly PreTokenizer.TakePiece<List<int>> _encodePiece;

    /// <param name="vocabulary">Tokens in the byte alphabet.</param>
    /// <param name="merges">The best first.</param>
    internal BpeTokenizer(TokenList vocabulary, IEnumerable<(string Left, string Right)> merges, PreTokenizer pieces, BpeSettings settings)
    {
        _pieces = pieces;
        _settings = settings;
        _isText = vocabulary.IsText;
        _ids = vocabulary.ToIds();
        _bytes = vocabulary.Texts.Select((token, id) => ToBytes(token, _isText[id])).ToArray();
        _byteTokens = Enumerable.Range(0, ByteAlphabet.Size).Select(value => IdOf(ByteAlphabet.Write([(byte)value]))).ToArray();
        var rank = 0;
        foreach (var (left, right) in merges)
        {
            _merges.Add(IdOf(left), IdOf(right), rank++, IdOf(left + right));
        }

        LongestToken = _bytes.Max(bytes => bytes.Length);
        _wholes = new WholeTokens(vocabulary.Wholes());
        (_encode, _encodePiece) = (EncodeText, EncodePiece);
        Cuts = TextCuts.Try(Separates, _wholes.Texts);
    }

    public override TextCuts Cuts { get; }

    public int VocabularySize => _bytes.Length;

    /// <summary>Bytes of the longest token: a text of more than n times this has more than n tokens.</summary>
    public int LongestToken { get; }

    /// <exception cref="TokenizerException">The file's vocabulary is of another kind, or not one at all.</exception>
    public static BpeTokenizer Read(GgufFile file)
    {
        if (file.Get<string>("tokenizer.ggml.model") is var model && model != "gpt2")
        {
            throw new GgufException($"Tokenizer {model} is not byte-level BPE (gpt2).");
        }

        var pre = file.Get<string>("tokenizer.ggml.pre");
        return new BpeTokenizer(
            TokenList.Read(file),
            file.Get<string[]>("tokenizer.ggml.merges").Select(ReadMerge),
            KnownPreTokenizers.Named(pre),
            new BpeSettings(TakesWholeTokens: KnownPreTokenizers.TakesWholeTokens(pre)));
    }

    /// <exception cref="TokenizerException">The vocabulary has no such token.</exception>
    public int IdOf(string token) =>
        _ids.TryGetValue(token, out var id) ? id : throw new TokenizerException($"The vocabulary has no token {token}.");

    /// <summary>A control token of this name; null when the vocabulary has none.</summary>
    public int? FindControl(string token) => _ids.TryGetValue(token, out var id) && !_isText[id] ? id : null;

    /// <summary>The token stands for text; control tokens do not, and are never shown.</summary>
    public bool IsText(int id) => _isText[id];

    /// <summary>The bytes that a token stands for; none for control tokens.</summary>
    public ReadOnlySpan<byte> BytesOf(int id) => _bytes[id];

    public override void Encode(ReadOnlySpan<char> text, bool isStart, List<int> tokens) => _wholes.Encode(text, isStart, tokens, _encode);

    internal static (string Left, string Right) ReadMerge(string merge, int rank) => merge.Split(' ') is [var left, var right]
        ? (left, right)
        : throw new TokenizerException($"Merge {rank} is not two tokens with a space between them.");

    private void EncodeText(ReadOnlySpan<char> text, bool isStart, List<int> tokens)
    {
        if (_settings.SpaceFirst && isStart && text[0] != ' ')
        {
            text = $" {text}";
        }

        _pieces.Split(text, _encodePiece, tokens);
    }

    private void EncodePiece(ReadOnlySpan<char> text, Range piece, List<int> tokens)
    {
        var characters = text[piece];
        Span<byte> bytes = characters.Length <= 256 ? stackalloc byte[768] : new byte[characters.Length * 3];
        bytes = bytes[..Encoding.UTF8.GetBytes(characters, bytes)];
        if (_settings.TakesWholeTokens && _ids.TryGetValue(ByteAlphabet.Write(bytes), out var whole))
        {
            tokens.Add(whole);
            return;
        }

        Span<int> symbols = bytes.Length <= 256 ? stackalloc int[bytes.Length] : new int[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            symbols[i] = _byteTokens[bytes[i]];
        }

        tokens.AddRange(symbols[.._merges.Apply(symbols)]);
    }

    private bool Separates(string left, string right) =>
        _pieces.Split(left).Concat(_pieces.Split(right)).SequenceEqual(_pieces.Split(left + right), StringComparer.Ordinal);

    private static byte[] ToBytes(string token, bool isText) => !isText
        ? []
        : token.Length > 0 && ByteAlphabet.TryRead(token, out var bytes)
            ? bytes
            : throw new TokenizerException("A token of the vocabulary is not written in the byte alphabet.");
}

/// <param name="TakesWholeTokens">A piece that is a token is taken as it is.</param>
/// <param name="SpaceFirst">A text begins with a space.</param>
internal sealed record BpeSettings(bool TakesWholeTokens = false, bool SpaceFirst = false);
