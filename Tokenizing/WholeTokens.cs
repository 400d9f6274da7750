using System.Text.RegularExpressions;

namespace ComputeShare.Tokenizing;

/// <summary>Texts that are one token wherever they stand: what a vocabulary's maker added to it, control tokens not among them.</summary>
internal sealed class WholeTokens
{
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly Regex? _pattern;

    public WholeTokens(IEnumerable<KeyValuePair<string, int>> tokens)
    {
        _ids = new Dictionary<string, int>(tokens.Where(token => token.Key.Length > 0), StringComparer.Ordinal);
        _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        if (_ids.Count > 0)
        {
            // The longest first: an alternation takes the first that fits.
            var longestFirst = _ids.Keys.OrderByDescending(text => text.Length).Select(Regex.Escape);
            _pattern = new Regex(string.Join('|', longestFirst), RegexOptions.CultureInvariant | RegexOptions.Compiled);
        }
    }

    public IEnumerable<string> Texts => _ids.Keys;

    /// <summary>Calls <paramref name="encode"/> with each text between them.</summary>
    public void Encode(ReadOnlySpan<char> text, bool isStart, List<int> tokens, EncodeText encode)
    {
        var position = 0;
        if (_pattern is not null)
        {
            foreach (var match in _pattern.EnumerateMatches(text))
            {
                if (match.Index > position)
                {
                    encode(text[position..match.Index], isStart, tokens);
                }

                position = match.Index + match.Length;
                tokens.Add(_lookup[text[match.Index..position]]);
                // As at the beginning: what such a token follows is not text to the vocabulary.
                isStart = true;
            }
        }

        if (position < text.Length)
        {
            encode(text[position..], isStart, tokens);
        }
    }

    internal delegate void EncodeText(ReadOnlySpan<char> text, bool isStart, List<int> tokens);
}
