using System.Text;
using System.Text.RegularExpressions;

namespace ComputeShare.Tokenizing.BytePairs;

/// <summary>Cuts text into the pieces within which bytes are merged: each pattern in turn cuts what the one before has left.</summary>
public sealed class PreTokenizer(IReadOnlyList<PieceCut> cuts)
{
    [ThreadStatic]
    private static Scratch? _scratch;

    /// <summary>The pieces, in order.</summary>
    public IEnumerable<string> Split(string text)
    {
        var pieces = new List<string>();
        Split(text, (all, piece, found) => found.Add(all[piece].ToString()), pieces);
        return pieces;
    }

    /// <summary>Calls <paramref name="take"/> with each piece.</summary>
    public void Split<T>(ReadOnlySpan<char> text, TakePiece<T> take, T state)
    {
        var scratch = _scratch ?? new Scratch();
        // Whoever takes a piece may split another text.
        _scratch = null;
        var shadow = scratch.Shadow(text);
        var pieces = scratch.Whole(shadow.Length);
        foreach (var cut in cuts)
        {
            pieces = scratch.Cut(shadow, pieces, cut);
        }

        foreach (var (start, end) in pieces)
        {
            take(text, scratch.Original(start)..scratch.Original(end), state);
        }

        _scratch = scratch;
    }

    public delegate void TakePiece<in T>(ReadOnlySpan<char> text, Range piece, T state);

    private sealed class Scratch
    {
        private List<(int Start, int End)> _pieces = [];
        private List<(int Start, int End)> _next = [];
        private char[] _shadow = [];
        private int[] _origins = [];
        private bool _isShadowed;

        /// <summary>
        /// .NET's expressions see the two halves of a character above U+FFFF apart and know neither as a letter or number. In the shadow
        /// each such character is one of the same category that no pattern names, so the cuts are those of an engine that sees whole
        /// characters.
        /// </summary>
        public ReadOnlySpan<char> Shadow(ReadOnlySpan<char> text)
        {
            _isShadowed = text.ContainsAnyInRange('\ud800', '\udfff');
            if (!_isShadowed)
            {
                return text;
            }

            if (_shadow.Length <= text.Length)
            {
                (_shadow, _origins) = (new char[text.Length + 1], new int[text.Length + 1]);
            }

            var length = 0;
            for (var i = 0; i < text.Length;)
            {
                Rune.DecodeFromUtf16(text[i..], out var rune, out var consumed);
                _shadow[length] = rune.IsBmp ? text[i] : StandIn(rune);
                _origins[length++] = i;
                i += consumed;
            }

            _origins[length] = text.Length;
            return _shadow.AsSpan(0, length);
        }

        public int Original(int index) => _isShadowed ? _origins[index] : index;

        public List<(int Start, int End)> Whole(int length)
        {
            _pieces.Clear();
            if (length > 0)
            {
                _pieces.Add((0, length));
            }

            return _pieces;
        }

        public List<(int Start, int End)> Cut(ReadOnlySpan<char> text, List<(int Start, int End)> pieces, PieceCut cut)
        {
            _next.Clear();
            foreach (var (start, end) in pieces)
            {
                var position = start;
                foreach (var match in cut.Pattern.EnumerateMatches(text[start..end]))
                {
                    Add(position, start + match.Index, cut.KeepsGaps);
                    position = start + match.Index + match.Length;
                    Add(start + match.Index, position, cut.KeepsMatches);
                }

                Add(position, end, cut.KeepsGaps);
            }

            (_pieces, _next) = (_next, _pieces);
            return _pieces;
        }

        private void Add(int start, int end, bool keeps)
        {
            if (keeps && end > start)
            {
                _next.Add((start, end));
            }
        }

        private static char StandIn(Rune rune) => Rune.GetUnicodeCategory(rune) switch
        {
            System.Globalization.UnicodeCategory.UppercaseLetter => '\u00c0',
            System.Globalization.UnicodeCategory.LowercaseLetter => '\u00e0',
            _ when Rune.IsLetter(rune) => '\u00aa',
            System.Globalization.UnicodeCategory.DecimalDigitNumber => '\u0660',
            _ when Rune.IsNumber(rune) => '\u00b2',
            System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark => '\u0301',
            _ when Rune.IsPunctuation(rune) => '\u00a7',
            _ when Rune.IsSymbol(rune) => '\u00a9',
            _ => '\ue000',
        };
    }
}

/// <param name="Pattern">What it looks for.</param>
/// <param name="KeepsMatches">What it finds is a piece.</param>
/// <param name="KeepsGaps">What lies between is one too.</param>
public sealed record PieceCut(Regex Pattern, bool KeepsMatches = true, bool KeepsGaps = true)
{
    public static PieceCut At(string pattern) => new(new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled));
}
