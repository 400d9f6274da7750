using System.Text.Json;
using ComputeShare.Tokenizing.BytePairs;
using ComputeShare.Tokenizing.Pieces;

namespace ComputeShare.Tokenizing.HuggingFace;

/// <summary>
/// A <c>tokenizer.json</c>: its BPE models, byte-level or of SentencePiece's kind. What is in one and not known here is refused by name:
/// a count that is nearly right is worth less than none.
/// </summary>
internal static class TokenizerJson
{
    /// <exception cref="TokenizerException">It is none, or of a kind that is not known here.</exception>
    public static TextTokenizer Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new TokenizerException($"The file is no tokenizer.json: {error.Message}");
        }
    }

    private static TextTokenizer Read(JsonElement root)
    {
        var model = root.GetProperty("model");
        var type = Text(model, "type") ?? (model.TryGetProperty("merges", out _) ? "BPE" : "");
        if (type != "BPE")
        {
            throw new TokenizerException($"Tokenizer model {type} is not known here; BPE is.");
        }

        Refuse(model, "continuing_subword_prefix", "end_of_word_suffix");
        var words = model.GetProperty("vocab").EnumerateObject().ToDictionary(word => word.Name, word => word.Value.GetInt32(), StringComparer.Ordinal);
        var vocabulary = TokenList.Of(words, Added(root));
        var merges = model.GetProperty("merges").EnumerateArray().Select(ReadMerge);
        var prefix = Normalization.Read(root);
        var pieces = PieceRules.Read(root);
        if (pieces.IsByteLevel && prefix != SpacePrefixing.Never)
        {
            throw new TokenizerException("A byte-level tokenizer that puts a \u2581 first is not known here.");
        }

        return pieces.IsByteLevel
            ? new BpeTokenizer(
                vocabulary,
                merges,
                new PreTokenizer(pieces.Cuts),
                new BpeSettings(Flag(model, "ignore_merges"), pieces.SpaceFirst))
            : new PieceTokenizer(
                vocabulary,
                PieceMerges.Listed(vocabulary, merges),
                new PieceSettings(
                    pieces.Prefix ?? prefix,
                    pieces.SplitsAtSpaces,
                    words.GetValueOrDefault(Text(model, "unk_token") ?? ""),
                    Flag(model, "fuse_unk")));
    }

    public static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static bool Flag(JsonElement parent, string name, bool otherwise = false) =>
        parent.TryGetProperty(name, out var value) ? value.ValueKind == JsonValueKind.True : otherwise;

    /// <summary>The steps of a <c>Sequence</c>, or the one that stands alone; none for null.</summary>
    public static IEnumerable<JsonElement> Steps(JsonElement root, string name, string list)
    {
        if (!root.TryGetProperty(name, out var step) || step.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        return Text(step, "type") == "Sequence" ? step.GetProperty(list).EnumerateArray() : [step];
    }

    private static List<(string Text, int Id, bool IsControl)> Added(JsonElement root)
    {
        var added = new List<(string Text, int Id, bool IsControl)>();
        if (root.TryGetProperty("added_tokens", out var tokens) && tokens.ValueKind == JsonValueKind.Array)
        {
            foreach (var token in tokens.EnumerateArray())
            {
                added.Add((token.GetProperty("content").GetString()!, token.GetProperty("id").GetInt32(), Flag(token, "special")));
            }
        }

        return added;
    }

    private static (string Left, string Right) ReadMerge(JsonElement merge, int rank) => merge.ValueKind == JsonValueKind.Array
        ? (merge[0].GetString()!, merge[1].GetString()!)
        : BpeTokenizer.ReadMerge(merge.GetString()!, rank);

    private static void Refuse(JsonElement model, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Text(model, name) is { Length: > 0 })
            {
                throw new TokenizerException($"A tokenizer model with {name} is not known here.");
            }
        }
    }
}
