using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using ComputeShare.Tokenizing.Gguf;

namespace ComputeShare.Tokenizing.Pieces;

/// <summary>
/// SentencePiece's BPE: characters are merged into pieces of the vocabulary, a space being written <c>▁</c>, and a character that is no
/// piece falls back to its bytes.
/// </summary>
public sealed class PieceTokenizer : TextTokenizer
{
    private const char Space = '\u2581';

    private readonly FrozenDictionary<string, int> _ids;
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly MergeTable _merges;
    private readonly int[] _byteTokens;
    private readonly int _firstUnknown;
    private readonly PieceSettings _settings;
    private readonly WholeTokens _wholes;
    private readonly WholeTokens.EncodeText _encode;

    internal PieceTokenizer(TokenList vocabulary, PieceMerges merges, PieceSettings settings)
    {
        _settings = settings;
        _merges = merges.Table;
        _ids = merges.Symbols;
        _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _firstUnknown = vocabulary.Texts.Length;
        _byteTokens = [.. Enumerable.Range(0, 256).Select(value => _ids.GetValueOrDefault(ByteName(value), -1))];
        _wholes = new WholeTokens(vocabulary.Wholes());
        _encode = EncodeText;
        Cuts = TextCuts.Within(vocabulary.Texts.Where((_, id) => vocabulary.Kinds[id] is TokenKind.Normal or TokenKind.Whole)
            .Select(text => text.Replace(Space, ' ')));
    }

    public override TextCuts Cuts { get; }

    /// <exception cref="TokenizerException">The file's vocabulary is of another kind, or not one at all.</exception>
    public static PieceTokenizer Read(GgufFile file)
    {
        if (file.Get<string>("tokenizer.ggml.model") is var model && model != "llama")
        {
            throw new GgufException($"Tokenizer {model} is not SentencePiece's BPE (llama).");
        }

        const string SpacePrefix = "tokenizer.ggml.add_space_prefix";
        var vocabulary = TokenList.Read(file);
        var merges = PieceMerges.ByScore(vocabulary, file.Get<double[]>("tokenizer.ggml.scores"));
        var hasPrefix = !file.Has(SpacePrefix) || file.Get<bool>(SpacePrefix);
        return new PieceTokenizer(vocabulary, merges, new PieceSettings(hasPrefix ? SpacePrefixing.Always : SpacePrefixing.Never));
    }

    public override void Encode(ReadOnlySpan<char> text, bool isStart, List<int> tokens) => _wholes.Encode(text, isStart, tokens, _encode);

    internal static string ByteName(int value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    private void EncodeText(ReadOnlySpan<char> text, bool isStart, List<int> tokens)
    {
        var prefix = isStart && (_settings.Prefix == SpacePrefixing.Always || (_settings.Prefix == SpacePrefixing.UnlessThere && text[0] != ' '));
        Span<char> written = new char[text.Length + (prefix ? 1 : 0)];
        written[0] = Space;
        text.Replace(written[(prefix ? 1 : 0)..], ' ', Space);
        if (!_settings.SplitsAtSpaces)
        {
            Merge(written, tokens);
            return;
        }

        while (!written.IsEmpty)
        {
            var next = written[1..].IndexOf(Space);
            var end = next < 0 ? written.Length : next + 1;
            Merge(written[..end], tokens);
            written = written[end..];
        }
    }

    private void Merge(ReadOnlySpan<char> text, List<int> tokens)
    {
        Span<int> symbols = text.Length <= 256 ? stackalloc int[text.Length] : new int[text.Length];
        Span<int> starts = text.Length <= 256 ? stackalloc int[text.Length] : new int[text.Length];
        var count = 0;
        for (var i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text[i..], out _, out var length);
            starts[count] = i;
            symbols[count++] = _lookup.TryGetValue(text.Slice(i, length), out var id) ? id : -1 - i;
            i += length;
        }

        // A character outside the vocabulary stays as it is: where it is, is what is left of it after merging.
        count = _merges.Apply(symbols[..count]);
        foreach (var symbol in symbols[..count])
        {
            if (symbol >= 0 && symbol < _firstUnknown)
            {
                tokens.Add(symbol);
            }
            else
            {
                AddUnknown(symbol, text, tokens);
            }
        }
    }

    private void AddUnknown(int symbol, ReadOnlySpan<char> text, List<int> tokens)
    {
        var rune = symbol < 0 ? RuneAt(text, -1 - symbol) : new Rune(symbol - _firstUnknown);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
        {
            if (_byteTokens[value] >= 0)
            {
                tokens.Add(_byteTokens[value]);
                continue;
            }

            // One for the whole character: the vocabulary has no bytes.
            if (!_settings.FusesUnknown || tokens.Count == 0 || tokens[^1] != _settings.Unknown)
            {
                tokens.Add(_settings.Unknown);
            }

            return;
        }
    }

    private static Rune RuneAt(ReadOnlySpan<char> text, int index)
    {
        Rune.DecodeFromUtf16(text[index..], out var rune, out _);
        return rune;
    }
}

/// <param name="Prefix">Whether a text begins with a space.</param>
/// <param name="SplitsAtSpaces">Nothing is merged with the space after it.</param>
/// <param name="Unknown">Stands for what the vocabulary has not, where it has no bytes either.</param>
/// <param name="FusesUnknown">Several of these in a row are one.</param>
internal sealed record PieceSettings(SpacePrefixing Prefix, bool SplitsAtSpaces = false, int Unknown = 0, bool FusesUnknown = false);

internal enum SpacePrefixing
{
    Never,
    Always,
    UnlessThere,
}
