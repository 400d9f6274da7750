using System.Collections.Frozen;

namespace ComputeShare.Tokenizing.BytePairs;

/// <summary>
/// The pre-tokenizers that GGUF files name (<c>tokenizer.ggml.pre</c>), with the patterns that llama.cpp has for them
/// (<c>src/llama-vocab.cpp</c>).
/// </summary>
public static class KnownPreTokenizers
{
    private const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const string Contractions = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
    private const string Spaces = @"\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string WordsAndMarks = @"[^\r\n\p{L}\p{N}]?\p{L}+";
    private const string Marks = @" ?[^\s\p{L}\p{N}]+[\r\n]*";
    private const string SlashedMarks = @" ?[^\s\p{L}\p{N}]+[\r\n/]*";
    private const string UpperThenLower = @"[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))*((?=[\p{L}])([^A-Z]))+";
    private const string UpperOnly = @"[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))+((?=[\p{L}])([^A-Z]))*";

    private static readonly string[] Gpt2 = [Gpt2Pattern];
    private static readonly string[] Llama3 = [$@"{Contractions}|{WordsAndMarks}|\p{{N}}{{1,3}}|{Marks}|{Spaces}"];
    private static readonly string[] Qwen2 = [$@"{Contractions}|{WordsAndMarks}|\p{{N}}|{Marks}|{Spaces}"];
    private static readonly string[] StarCoder = [@"\p{N}", Gpt2Pattern];
    private static readonly string[] Falcon = [@"[\p{P}\$\+<=>\^~\|`]+", Gpt2Pattern, "[0-9][0-9][0-9]"];

    // llama.cpp sees no spaces in the fourth pattern's ranges, though some lie there.
    private static readonly string[] DeepSeekCoder = [@"[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", @"[一-龥ࠀ-一가-\ud7ff-[\s]]+", @"\p{N}"];

    private static readonly string[] DeepSeek3 =
    [
        @"\p{N}{1,3}",
        "[一-龥\u3040-ゟ゠-ヿ]+",
        """[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""",
    ];

    private static readonly string[] Gpt4o =
        [$@"{UpperThenLower}{Contractions}?|{UpperOnly}{Contractions}?|\p{{N}}{{1,3}}|{SlashedMarks}|{Spaces}"];

    private static readonly string[] Tekken = [$@"{UpperThenLower}|{UpperOnly}|\p{{N}}|{SlashedMarks}|{Spaces}"];

    private static readonly FrozenDictionary<string, string[]> Patterns = new Dictionary<string, string[]>
    {
        ["gpt-2"] = Gpt2,
        ["phi-2"] = Gpt2,
        ["mpt"] = Gpt2,
        ["olmo"] = Gpt2,
        ["jais"] = Gpt2,
        ["llama-bpe"] = Llama3,
        ["llama3"] = Llama3,
        ["llama-v3"] = Llama3,
        ["falcon3"] = Llama3,
        ["pixtral"] = Llama3,
        ["dbrx"] = Llama3,
        ["smaug-bpe"] = Llama3,
        ["qwen2"] = Qwen2,
        ["deepseek-r1-qwen"] = Qwen2,
        ["stablelm2"] = Qwen2,
        ["starcoder"] = StarCoder,
        ["refact"] = StarCoder,
        ["command-r"] = StarCoder,
        ["smollm"] = StarCoder,
        ["codeshell"] = StarCoder,
        ["exaone"] = StarCoder,
        ["falcon"] = Falcon,
        ["deepseek-coder"] = DeepSeekCoder,
        ["deepseek-v3"] = DeepSeek3,
        ["gpt-4o"] = Gpt4o,
        ["llama4"] = Gpt4o,
        ["tekken"] = Tekken,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>GPT-2's.</summary>
    public static PreTokenizer OfGpt2 { get; } = Named("gpt-2");

    internal static string Gpt2Expression => Gpt2Pattern;

    public static IEnumerable<string> Names => Patterns.Keys;

    /// <exception cref="TokenizerException">It is not known here.</exception>
    public static PreTokenizer Named(string name) => Patterns.TryGetValue(name, out var patterns)
        ? new PreTokenizer([.. patterns.Select(PieceCut.At)])
        : throw new TokenizerException($"Pre-tokenizer {name} is not known here; these are: {string.Join(", ", Names.Order(StringComparer.Ordinal))}.");

    /// <summary>Whether a piece that is a token is taken as it is, and not put together from its bytes.</summary>
    public static bool TakesWholeTokens(string name) => name is "llama-bpe" or "llama3" or "llama-v3" or "falcon3" or "pixtral" or "tekken";
}
