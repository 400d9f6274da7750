using System.Text;
using ComputeShare.Tokenizing.BytePairs;
using ComputeShare.TinyModel;

namespace ComputeShare.Tokenizing.Tests.Vocabularies;

/// <summary>
/// Small vocabularies, trained here on mixed text that is not split before: they would merge across every cut, so that a cut in the wrong
/// place shows in the tokens.
/// </summary>
internal static class TrainedVocabulary
{
    private const int Merges = 1500;
    private const int NormalToken = 1;
    private const int UnknownToken = 2;
    private const int ControlToken = 3;
    private const int WholeToken = 4;
    private const int ByteToken = 6;

    private static readonly string Text = new MixedText(seed: 1).Next(6000);

    public static readonly Lazy<(List<string> Symbols, List<(string Left, string Right)> Merges)> OfBytes =
        new(() => Train([.. Encoding.UTF8.GetBytes(Text).Select(value => ByteAlphabet.Write([value]))]));

    public static readonly Lazy<(List<string> Symbols, List<(string Left, string Right)> Merges)> OfCharacters =
        new(() => Train([.. Text.Replace(' ', '▁').EnumerateRunes().Select(rune => rune.ToString())]));

    /// <summary>What is one token wherever it stands, and would be cut by every pre-tokenizer.</summary>
    public static readonly string[] Wholes = ["river Hello", "\n\n\n", "x+y"];

    public static byte[] Bytes(string preTokenizer, bool withWholes = false)
    {
        var (symbols, merges) = OfBytes.Value;
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(value => ByteAlphabet.Write([(byte)value])), .. symbols, "<|control|>"];
        var types = tokens.Select(token => token == "<|control|>" ? ControlToken : NormalToken).ToList();
        AddWholes(tokens, types, withWholes);
        using var file = Begin("gpt2", tokens, types);
        file.Add("tokenizer.ggml.pre", preTokenizer);
        file.Add("tokenizer.ggml.merges", merges.Select(merge => $"{merge.Left} {merge.Right}").ToArray());
        return file.ToArray();
    }

    public static byte[] Characters(bool spacePrefix = true, bool withWholes = false)
    {
        var (symbols, _) = OfCharacters.Value;
        // Some characters of the text are none of the vocabulary, and fall back to bytes.
        var characters = Text.Replace(' ', '▁').EnumerateRunes().Select(rune => rune.ToString()).Distinct().Where((_, index) => index % 7 != 6);
        List<string> tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")];
        var types = tokens.Select((_, id) => id == 0 ? UnknownToken : id < 3 ? ControlToken : ByteToken).ToList();
        var learned = symbols.Concat(characters).Distinct().Except(tokens).ToList();
        tokens.AddRange(learned);
        types.AddRange(learned.Select(_ => NormalToken));
        AddWholes(tokens, types, withWholes);
        using var file = Begin("llama", tokens, types);
        // Every other score is that of the piece before it, so that the leftmost pair has to decide.
        file.Add("tokenizer.ggml.scores", tokens.Select((_, id) => id < 259 ? 0f : -(id / 2)).ToArray());
        file.Add("tokenizer.ggml.add_space_prefix", spacePrefix);
        file.Add("tokenizer.ggml.unknown_token_id", 0u);
        return file.ToArray();
    }

    private static void AddWholes(List<string> tokens, List<int> types, bool withWholes)
    {
        var wholes = withWholes ? Wholes.Except(tokens).ToArray() : [];
        tokens.AddRange(wholes);
        types.AddRange(wholes.Select(_ => WholeToken));
    }

    private static GgufWriter Begin(string model, List<string> tokens, List<int> types)
    {
        var file = new GgufWriter();
        file.Add("general.architecture", "llama");
        file.Add("llama.vocab_size", (uint)tokens.Count);
        file.Add("llama.context_length", 128u);
        file.Add("llama.embedding_length", 32u);
        file.Add("llama.block_count", 1u);
        file.Add("llama.feed_forward_length", 32u);
        file.Add("llama.attention.head_count", 2u);
        file.Add("llama.attention.head_count_kv", 2u);
        file.Add("llama.rope.dimension_count", 16u);
        file.Add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        file.Add("tokenizer.ggml.model", model);
        file.Add("tokenizer.ggml.tokens", tokens);
        file.Add("tokenizer.ggml.token_type", types);
        file.Add("tokenizer.ggml.add_bos_token", false);
        return file;
    }

    private static (List<string> Symbols, List<(string Left, string Right)> Merges) Train(List<string> text)
    {
        var symbols = new List<string>();
        var merges = new List<(string Left, string Right)>();
        while (merges.Count < Merges)
        {
            var counts = new Dictionary<(string, string), int>();
            for (var i = 0; i + 1 < text.Count; i++)
            {
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, (text[i], text[i + 1]), out _)++;
            }

            // Several at once: what is learned matters less than that it is quick.
            foreach (var (left, right) in counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.ToString(), StringComparer.Ordinal).Take(50).Select(pair => pair.Key))
            {
                if (!symbols.Contains(left + right))
                {
                    symbols.Add(left + right);
                    merges.Add((left, right));
                    Join(text, left, right);
                }
            }
        }

        return (symbols, merges);
    }

    private static void Join(List<string> text, string left, string right)
    {
        var kept = 0;
        for (var i = 0; i < text.Count; i++)
        {
            var joins = i + 1 < text.Count && text[i] == left && text[i + 1] == right;
            text[kept++] = joins ? left + right : text[i];
            i += joins ? 1 : 0;
        }

        text.RemoveRange(kept, text.Count - kept);
    }
}
