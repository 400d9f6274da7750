using System.Text.RegularExpressions;

namespace ComputeShare.HosterNode.Tests.TinyModel;

/// <summary>Counts English syllables: groups of vowels without silent endings, and the words for which that is wrong.</summary>
internal static partial class Syllables
{
    private static readonly Dictionary<string, int> Exceptions = new(StringComparer.Ordinal)
    {
        ["gpu"] = 3,
        ["dns"] = 3,
        ["wifi"] = 2,
        ["every"] = 2,
        ["everyone"] = 3,
        ["even"] = 2,
        ["evening"] = 2,
        ["quiet"] = 2,
        ["piano"] = 3,
        ["being"] = 2,
        ["going"] = 2,
        ["recipe"] = 3,
        ["something"] = 2,
        ["somewhere"] = 2,
        ["someone"] = 2,
        ["somebody"] = 3,
        ["scarecrow"] = 2,
        ["hour"] = 1,
        ["whole"] = 1,
        ["watermelon"] = 4,
        ["furniture"] = 3,
        ["timeouts"] = 2,
        ["timetable"] = 3,
        ["saxophone"] = 3,
        ["bakery"] = 3,
        ["neon"] = 2,
        ["multiplying"] = 4,
        ["whoever"] = 3,
        ["diet"] = 2,
        ["sampled"] = 2,
        ["metronome"] = 3,
        ["opinions"] = 3,
        ["urgent"] = 2,
        ["lighthouse"] = 2,
        ["homework"] = 2,
        ["footprints"] = 2,
        ["poem"] = 2,
        ["poems"] = 2,
        ["fire"] = 1,
        ["wires"] = 1,
        ["politely"] = 3,
        ["sometimes"] = 2,
        ["likely"] = 2,
        ["manual"] = 3,
    };

    public static int Of(string line) => Words().Matches(line).Sum(word => OfWord(word.Value.ToLowerInvariant()));

    private static int OfWord(string word)
    {
        if (Exceptions.TryGetValue(word, out var known))
        {
            return known;
        }

        word = word.EndsWith("'s", StringComparison.Ordinal) ? word[..^2] : word.Replace("'", "", StringComparison.Ordinal);
        var count = Vowels().Count(word);
        return Math.Max(1, count > 1 && SilentEnd().IsMatch(word) ? count - 1 : count);
    }

    [GeneratedRegex("[A-Za-z']+")]
    private static partial Regex Words();

    [GeneratedRegex("[aeiouy]+")]
    private static partial Regex Vowels();

    // take, not table; moved, not wanted; leaves, not pieces, wishes or apples.
    [GeneratedRegex("([^aeiouyl]e|[aeiouy]le|[^aeiouytd]ed|([^aeiouysxzcghl]|[aeiouy]l|[^cs]h)es)$")]
    private static partial Regex SilentEnd();
}
