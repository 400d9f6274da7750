using System.Text.Json;
using ComputeShare.Tokenizing.Pieces;

namespace ComputeShare.Tokenizing.HuggingFace;

/// <summary>
/// What a <c>tokenizer.json</c> does to a text first. Form C is taken as given: nearly all text is in it, engines that run on GGUF files
/// take it so too, and .NET without ICU could not make it.
/// </summary>
internal static class Normalization
{
    /// <returns>Whether a space is put before a text.</returns>
    public static SpacePrefixing Read(JsonElement root)
    {
        var prefix = SpacePrefixing.Never;
        foreach (var step in TokenizerJson.Steps(root, "normalizer", "normalizers"))
        {
            prefix = TokenizerJson.Text(step, "type") switch
            {
                "NFC" => prefix,
                "Prepend" when TokenizerJson.Text(step, "prepend") == "\u2581" => SpacePrefixing.Always,
                "Replace" when TokenizerJson.Text(step.GetProperty("pattern"), "String") == " " && TokenizerJson.Text(step, "content") == "\u2581" => prefix,
                var type => throw new TokenizerException($"Normalizer {type} is not known here, or not so."),
            };
        }

        return prefix;
    }
}
