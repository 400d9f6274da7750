using System.Globalization;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Keys;

/// <summary>Reads one parameter of a URL, or refuses the request naming it.</summary>
internal static class QueryFields
{
    public static long ReadInteger(IQueryCollection query, string param, long absent, long least, long most)
    {
        var text = query[param].ToString();
        return text.Length == 0 ? absent
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : throw RequestRefusedException.For(param, FormattableString.Invariant($"it must be a whole number from {least} to {most}"));
    }

    /// <summary>Some of the known words, with commas between them.</summary>
    public static string[] ReadSome(IQueryCollection query, string param, string[] known, string[] absent)
    {
        var text = query[param].ToString();
        var words = text.Length == 0 ? absent : text.Split(',', StringSplitOptions.TrimEntries);
        return Array.TrueForAll(words, word => known.Contains(word))
            ? words
            : throw RequestRefusedException.For(param, $"it must be some of {string.Join(", ", known[..^1])} and {known[^1]}, with commas between them");
    }

    public static bool ReadBoolean(IQueryCollection query, string param) => query[param].ToString() switch
    {
        "" or "false" => false,
        "true" => true,
        _ => throw RequestRefusedException.For(param, "it must be true or false"),
    };
}
