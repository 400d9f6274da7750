using System.Text.Json;
using System.Text.RegularExpressions;
using ComputeShare.Tokenizing.BytePairs;
using ComputeShare.Tokenizing.Pieces;

namespace ComputeShare.Tokenizing.HuggingFace;

/// <summary>What a <c>tokenizer.json</c> says of the pieces within which it merges: its pre-tokenizer.</summary>
/// <param name="Cuts">In order.</param>
/// <param name="IsByteLevel">Pieces are bytes; else they are characters.</param>
/// <param name="SpaceFirst">Of the byte-level kind: a text begins with a space.</param>
/// <param name="Prefix">Of the other: whether one does; null where the normalizer says so.</param>
/// <param name="SplitsAtSpaces">Of the other.</param>
internal sealed record PieceRules(List<PieceCut> Cuts, bool IsByteLevel, bool SpaceFirst, SpacePrefixing? Prefix, bool SplitsAtSpaces)
{
    public static PieceRules Read(JsonElement root)
    {
        var rules = new PieceRules([], false, false, null, false);
        foreach (var step in TokenizerJson.Steps(root, "pre_tokenizer", "pretokenizers"))
        {
            rules = rules.With(step);
        }

        return rules.Cuts.Count > 0 && !rules.IsByteLevel
            ? throw new TokenizerException("A pre-tokenizer that splits characters and not bytes is not known here.")
            : rules;
    }

    private PieceRules With(JsonElement step)
    {
        switch (TokenizerJson.Text(step, "type"))
        {
            case "Split":
                Cuts.Add(Split(step));
                return this;
            case "Digits":
                Cuts.Add(PieceCut.At(TokenizerJson.Flag(step, "individual_digits") ? @"\p{N}" : @"\p{N}+"));
                return this;
            case "Punctuation" when TokenizerJson.Text(step, "behavior") is null or "Isolated":
                Cuts.Add(PieceCut.At(@"[!-/:-@\[-`{-~\p{P}]"));
                return this;
            case "ByteLevel":
                if (TokenizerJson.Flag(step, "use_regex", otherwise: true))
                {
                    Cuts.Add(PieceCut.At(KnownPreTokenizers.Gpt2Expression));
                }

                return this with { IsByteLevel = true, SpaceFirst = TokenizerJson.Flag(step, "add_prefix_space") };
            case "Metaspace" when TokenizerJson.Text(step, "replacement") == "\u2581":
                return this with { Prefix = PrefixOf(step), SplitsAtSpaces = TokenizerJson.Flag(step, "split", otherwise: true) };
            case var type:
                throw new TokenizerException($"Pre-tokenizer {type} is not known here, or not so.");
        }
    }

    private static PieceCut Split(JsonElement step)
    {
        var pattern = step.GetProperty("pattern");
        var expression = TokenizerJson.Text(pattern, "Regex") ?? Regex.Escape(TokenizerJson.Text(pattern, "String") ?? "");
        // Rust's and Oniguruma's classes may intersect; .NET would read the same signs as members.
        if (expression.Length == 0 || expression.Contains("&&", StringComparison.Ordinal))
        {
            throw new TokenizerException("A pre-tokenizer's pattern is not known here.");
        }

        var invert = TokenizerJson.Flag(step, "invert");
        var keepsAll = TokenizerJson.Text(step, "behavior") switch
        {
            "Isolated" => true,
            "Removed" => false,
            var behavior => throw new TokenizerException($"Splitting with behaviour {behavior} is not known here."),
        };
        try
        {
            return PieceCut.At(expression) with { KeepsMatches = keepsAll || invert, KeepsGaps = keepsAll || !invert };
        }
        catch (ArgumentException error)
        {
            throw new TokenizerException($"A pre-tokenizer's pattern is not known here: {error.Message}");
        }
    }

    private static SpacePrefixing PrefixOf(JsonElement step) => TokenizerJson.Text(step, "prepend_scheme") switch
    {
        "never" => SpacePrefixing.Never,
        null when !TokenizerJson.Flag(step, "add_prefix_space", otherwise: true) => SpacePrefixing.Never,
        _ => SpacePrefixing.UnlessThere,
    };
}
