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

    public static bool ReadBoolean(IQueryCollection query, string param) => query[param].ToString() switch
    {
        "" or "false" => false,
        "true" => true,
        _ => throw RequestRefusedException.For(param, "it must be true or false"),
    };
}
