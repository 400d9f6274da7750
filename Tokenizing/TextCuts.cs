using System.Text;

namespace ComputeShare.Tokenizing;

/// <summary>
/// Places where a text may be cut without changing its tokens, whatever follows: before a space that follows anything else, and between a
/// letter and a mark after it, as far as the vocabulary keeps them apart. Known from the two characters alone, so that a stream is cut at
/// the same places however it arrives.
/// </summary>
public sealed class TextCuts
{
    // One of each kind that pre-tokenizers tell apart, at the end and at the beginning of a text.
    private static readonly string[] Ends =
        ["a", "Z", "é", "7", "1234", ".", "'", "a'", "'r", "!!", "$", "(", "日", "あ", "ア", "한", "ا", "e\u0301", "🎉", "٣", "/", "_"];

    private static readonly string[] AfterSpaces =
        [" ", "  ", "   ", " a", " Z", "  a", " 1", " 123", " .", " 's", " 're", " \n", " \n\n", " \t", " é", " 日", " 🎉", " (a", " \u00a0"];

    private static readonly string[] AfterMarks =
        [".", "...", ".\n", ",a", "(", "(a", "(A", ")", "-1", "/x", "\"", "。", "，", "、日", "：", "!", "?\n\n", "=", "+", "€", "_", "`a"];

    private readonly HashSet<(char Before, char After)> _joined;
    private readonly Places _places;

    private TextCuts(Places places, HashSet<(char Before, char After)> joined) => (_places, _joined) = (places, joined);

    /// <param name="separates">Whether two texts have the same pieces apart as joined.</param>
    /// <param name="wholes">Texts that are a token each, wherever they stand.</param>
    public static TextCuts Try(Func<string, string, bool> separates, IEnumerable<string> wholes)
    {
        var letters = Ends.Where(end => Rune.TryGetRuneAt(end, end.Length - 1, out var last) && Rune.IsLetter(last)).ToArray();
        var places = Where(Places.LetterSpace, letters, AfterSpaces) | Where(Places.OtherSpace, Ends.Except(letters), AfterSpaces)
            | Where(Places.LetterMark, letters, AfterMarks);
        return new TextCuts(places, Joined(wholes));

        Places Where(Places place, IEnumerable<string> ends, string[] beginnings) =>
            ends.All(end => beginnings.All(beginning => separates(end, beginning))) ? place : Places.None;
    }

    /// <summary>For a vocabulary that merges wherever it has a token: never within one.</summary>
    public static TextCuts Within(IEnumerable<string> tokens) => new(Places.LetterSpace | Places.OtherSpace | Places.LetterMark, Joined(tokens));

    public bool IsBetween(char before, char after) =>
        (_places & Place(before, after)) != Places.None && (_joined.Count == 0 || !_joined.Contains((before, after)));

    private static Places Place(char before, char after)
    {
        // To SentencePiece U+2581 is a space.
        if (before == '\u2581' || after == '\u2581')
        {
            return Places.None;
        }

        var isLetter = char.IsLetter(before);
        if (after == ' ')
        {
            return isLetter ? Places.LetterSpace : char.IsWhiteSpace(before) || char.IsHighSurrogate(before) ? Places.None : Places.OtherSpace;
        }

        // Apostrophes belong to the letters around them.
        return isLetter && after is not ('\'' or '\u2019') && (char.IsPunctuation(after) || char.IsSymbol(after)) ? Places.LetterMark : Places.None;
    }

    private static HashSet<(char Before, char After)> Joined(IEnumerable<string> tokens)
    {
        var joined = new HashSet<(char Before, char After)>();
        foreach (var token in tokens)
        {
            for (var i = 1; i < token.Length; i++)
            {
                if (Place(token[i - 1], token[i]) != Places.None)
                {
                    joined.Add((token[i - 1], token[i]));
                }
            }
        }

        return joined;
    }

    [Flags]
    private enum Places
    {
        None = 0,
        LetterSpace = 1,
        OtherSpace = 2,
        LetterMark = 4,
    }
}
