using ComputeShare.HosterNode.Engines.BuiltIn;

namespace ComputeShare.HosterNode.Tests;

/// <summary>The committed model, as the node's output folder has it.</summary>
internal static class CommittedModel
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "Models", "tiny.gguf");

    public static byte[] Bytes { get; } = File.ReadAllBytes(Path);

    public static BuiltInModel Model { get; } = BuiltInModel.Load(Path);

    public static List<int> Encode(string text)
    {
        var tokens = new List<int>();
        Model.Tokenizer.Encode(text, tokens);
        return tokens;
    }

    /// <summary>A user's first message as the model reads it.</summary>
    public static List<int> ChatPrompt(string text) =>
    [
        Model.Tokenizer.IdOf("<|user|>"), .. Encode("\n" + text), Model.Tokenizer.IdOf("<|end|>"), .. Encode("\n"),
        Model.Tokenizer.IdOf("<|assistant|>"), .. Encode("\n"),
    ];

    public static uint PromptLength(string text) => (uint)ChatPrompt(text).Count;
}
