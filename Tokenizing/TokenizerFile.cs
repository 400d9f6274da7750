using ComputeShare.Tokenizing.BytePairs;
using ComputeShare.Tokenizing.Gguf;
using ComputeShare.Tokenizing.HuggingFace;
using ComputeShare.Tokenizing.Pieces;

namespace ComputeShare.Tokenizing;

/// <summary>Reads a model's tokenizer from its GGUF file, of which only the beginning is read, or from its <c>tokenizer.json</c>.</summary>
public static class TokenizerFile
{
    /// <exception cref="TokenizerException">The file has no tokenizer that is known here.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static TextTokenizer Read(string path) => path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
        ? TokenizerJson.Parse(File.ReadAllBytes(path))
        : Of(GgufFile.ReadMetadata(path));

    public static TextTokenizer Of(GgufFile file) => file.Get<string>("tokenizer.ggml.model") switch
    {
        "gpt2" => BpeTokenizer.Read(file),
        "llama" => PieceTokenizer.Read(file),
        var model => throw new TokenizerException($"Tokenizer {model} is not known here; gpt2 and llama are."),
    };
}
