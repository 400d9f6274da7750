namespace ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

/// <summary>Strings of a length, of a pattern, or of a format, which is a pattern with a name.</summary>
internal static class StringGrammar
{
    private const string Hex = "[0-9a-f]";
    private const string Label = "[a-z]([a-z0-9]|-[a-z0-9]){0,15}";
    private const string Octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private const string Day = "[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])";
    private const string Time = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z";

    /// <summary>A part of each format: all texts of these are of the format, not all of the format are of these.</summary>
    private static readonly Dictionary<string, string> Formats = new(StringComparer.Ordinal)
    {
        ["date"] = $"^{Day}$",
        ["time"] = $"^{Time}$",
        ["date-time"] = $"^{Day}T{Time}$",
        ["duration"] = "^P[1-9][0-9]{0,2}D$",
        ["email"] = $"^[a-z][a-z0-9]{{0,15}}@{Label}\\.(com|net|org)$",
        ["hostname"] = $"^{Label}(\\.{Label}){{0,2}}\\.(com|net|org)$",
        ["ipv4"] = $"^{Octet}(\\.{Octet}){{3}}$",
        ["uri"] = $"^https://{Label}\\.(com|net|org)(/[a-z0-9]{{1,16}}){{0,4}}$",
        ["uuid"] = $"^{Hex}{{8}}-{Hex}{{4}}-4{Hex}{{3}}-[89ab]{Hex}{{3}}-{Hex}{{12}}$",
    };

    public static GrammarNode Of(JsonParts parts, Schema schema)
    {
        var pattern = schema.Text("pattern");
        var format = schema.Text("format");
        if ((pattern is null ? 0 : 1) + (format is null ? 0 : 1) + (schema.Has("minLength") || schema.Has("maxLength") ? 1 : 0) > 1)
        {
            throw new GrammarException("bounds a string by more than one of its length, its pattern and its format");
        }

        if (pattern is not null)
        {
            return PatternGrammar.Of(parts, pattern);
        }

        if (format is not null)
        {
            return Formats.TryGetValue(format, out var known)
                ? PatternGrammar.Of(parts, known)
                : throw new GrammarException("has a string of a format that is none of " + string.Join(", ", Formats.Keys));
        }

        return parts.String(schema.Count("minLength") ?? 0, schema.Count("maxLength") ?? int.MaxValue);
    }
}
