using System.Text;
using System.Text.RegularExpressions;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Tokenizing;

/// <summary>Cuts text into the pieces within which bytes are merged: the <c>gpt-2</c> pre-tokenizer.</summary>
internal static partial class PreTokenizer
{
    public const string Name = "gpt-2";

    public static IEnumerable<string> Split(string text)
    {
        var shadow = Shadow(text);
        foreach (Match match in Pieces().Matches(shadow))
        {
            yield return text.Substring(match.Index, match.Length);
        }
    }

    /// <summary>
    /// .NET's expressions see the two halves of a character above U+FFFF apart and know neither as a letter or number. In the shadow
    /// each such half is an ordinary character of the same class, so the cuts are those of an engine that sees whole characters.
    /// </summary>
    private static string Shadow(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
        {
            return text;
        }

        var shadow = text.ToCharArray();
        for (var i = 0; i < text.Length; i++)
        {
            if (Rune.TryGetRuneAt(text, i, out var rune) && !rune.IsBmp)
            {
                shadow[i] = shadow[i + 1] = Rune.IsLetter(rune) ? 'a' : Rune.IsNumber(rune) ? '0' : '*';
                i++;
            }
        }

        return new string(shadow);
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Pieces();
}
