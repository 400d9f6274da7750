using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ComputeShare.Tokenizing.Gguf;
using ComputeShare.HosterNode.Engines.BuiltIn.Grammars;
using ComputeShare.HosterNode.Engines.BuiltIn.Requests;
using ComputeShare.Tokenizing.BytePairs;
using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

namespace ComputeShare.HosterNode.Engines.BuiltIn;

/// <summary>A loaded GGUF file: transformer, tokenizer, prompt form, and what the world is told of them. Read-only, shared by all slots.</summary>
internal sealed class BuiltInModel
{
    // Grows when the same file and request would give other text than before.
    public const string EngineVersion = "2";

    private static readonly string[] Capabilities =
    [
        "chat", "completions", "embeddings", "tools", "json_schema", "json_object", "logprobs", "logit_bias", "penalties", "seed",
        "token_ids", "dimensions", "top_k", "min_p", "min_tokens",
    ];

    private readonly HashSet<int> _ends;

    private BuiltInModel(GgufFile file, string digest)
    {
        Tokenizer = BpeTokenizer.Read(file);
        Transformer = LlamaModel.Read(file);
        if (Tokenizer.VocabularySize != Transformer.Shape.VocabularySize)
        {
            throw new GgufException("The tokenizer and the model have vocabularies of different size.");
        }

        Prompts = new PromptBuilder(file, Tokenizer, Transformer.Shape.ContextLength);
        _ends = ReadEnds(file, Tokenizer.VocabularySize);
        Vocabulary = new Vocabulary(Tokenizer, _ends, Prompts.ToolCall);
        Description = new(
            file.Get<string>("general.name"),
            "sha256:" + digest,
            FileType(file.Get<long>("general.file_type")),
            Transformer.Shape.ContextLength,
            Capabilities,
            // The exponential function is the C library's, and differs between platforms.
            $"built-in/{EngineVersion} {digest[..16]} {RuntimeInformation.RuntimeIdentifier}");
    }

    public EngineModel Description { get; }

    public LlamaModel Transformer { get; }

    public BpeTokenizer Tokenizer { get; }

    public PromptBuilder Prompts { get; }

    /// <summary>The tokens as grammars see them.</summary>
    public Vocabulary Vocabulary { get; }

    /// <exception cref="GgufException">The file is none, or not one for this engine.</exception>
    public static BuiltInModel Load(string path) => Load(ModelFile.Read(path));

    /// <inheritdoc cref="Load(string)"/>
    public static BuiltInModel Load(byte[] bytes) => new(GgufFile.Parse(bytes), Convert.ToHexStringLower(SHA256.HashData(bytes)));

    /// <summary>The token says that the text is over.</summary>
    public bool IsEnd(int token) => _ends.Contains(token);

    private static HashSet<int> ReadEnds(GgufFile file, int vocabularySize)
    {
        string[] keys = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"];
        return keys.Where(file.Has).Select(key => file.Get<long>(key) is var id && id >= 0 && id < vocabularySize
            ? (int)id
            : throw new GgufException($"Metadata {key} is {id}, which the vocabulary lacks.")).ToHashSet();
    }

    // GGUF's general.file_type.
    private static string FileType(long type) => type switch
    {
        0 => "F32",
        1 => "F16",
        _ => throw new GgufException($"general.file_type is {type}; this engine reads F32 (0) and F16 (1)."),
    };
}
