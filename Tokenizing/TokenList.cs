using System.Collections.Frozen;
using ComputeShare.Tokenizing.Gguf;

namespace ComputeShare.Tokenizing;

/// <summary>A vocabulary's tokens by id, and what kind each is of.</summary>
internal sealed class TokenList
{
    private const int MostTokens = 1 << 21;

    private TokenList(string[] texts, TokenKind[] kinds)
    {
        if (texts.Length is 0 or > MostTokens || texts.Length != kinds.Length)
        {
            throw new TokenizerException($"The vocabulary has {texts.Length} tokens and {kinds.Length} token types.");
        }

        (Texts, Kinds) = (texts, kinds);
        IsText = [.. kinds.Select(kind => kind == TokenKind.Normal)];
    }

    public string[] Texts { get; }

    public TokenKind[] Kinds { get; }

    /// <summary>Of each: an ordinary token.</summary>
    public bool[] IsText { get; }

    public static TokenList Read(GgufFile file) => new(
        file.Get<string[]>("tokenizer.ggml.tokens"),
        [.. file.Get<long[]>("tokenizer.ggml.token_type").Select(type => (TokenKind)type)]);

    /// <param name="vocabulary">Ids of ordinary tokens.</param>
    /// <param name="added">What was added: a text, its id, and whether it is a control token.</param>
    public static TokenList Of(IReadOnlyDictionary<string, int> vocabulary, IReadOnlyCollection<(string Text, int Id, bool IsControl)> added)
    {
        var size = 1L + vocabulary.Values.Concat(added.Select(token => token.Id)).DefaultIfEmpty(-1).Max();
        if (size > MostTokens || vocabulary.Values.Concat(added.Select(token => token.Id)).Any(id => id < 0))
        {
            throw new TokenizerException("An id of the vocabulary is out of range.");
        }

        var texts = new string[size];
        var kinds = new TokenKind[size];
        for (var id = 0; id < size; id++)
        {
            // A gap: no text has it.
            (texts[id], kinds[id]) = ($"<unused {id}>", TokenKind.Unused);
        }

        foreach (var (text, id) in vocabulary)
        {
            (texts[id], kinds[id]) = (text, TokenKind.Normal);
        }

        foreach (var (text, id, isControl) in added)
        {
            (texts[id], kinds[id]) = (text, isControl ? TokenKind.Control : TokenKind.Whole);
        }

        return new TokenList(texts, kinds);
    }

    public IEnumerable<KeyValuePair<string, int>> Wholes() =>
        Texts.Select((text, id) => KeyValuePair.Create(text, id)).Where(token => Kinds[token.Value] == TokenKind.Whole);

    public FrozenDictionary<string, int> ToIds()
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < Texts.Length; id++)
        {
            if (!ids.TryAdd(Texts[id], id))
            {
                throw new TokenizerException($"Tokens {ids[Texts[id]]} and {id} are the same.");
            }
        }

        return ids.ToFrozenDictionary(StringComparer.Ordinal);
    }
}

/// <summary>GGUF's <c>llama_token_type</c>.</summary>
internal enum TokenKind
{
    Undefined,
    Normal,
    Unknown,
    Control,

    /// <summary>Added by the vocabulary's maker: one token wherever its text stands.</summary>
    Whole,
    Unused,
    Byte,
}
