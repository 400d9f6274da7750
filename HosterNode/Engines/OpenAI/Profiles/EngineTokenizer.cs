using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.OpenAI.Profiles;

/// <summary>How an engine is asked for the tokens of a text. All answer with <c>tokens</c>.</summary>
/// <param name="TextField">The text.</param>
/// <param name="SpecialField">Whether tokens that open a prompt come before it.</param>
internal sealed record EngineTokenizer(string TextField, string SpecialField)
{
    public static readonly EngineTokenizer LlamaServer = new("content", "add_special");

    /// <summary>Of vLLM, and of SGLang, which took it over.</summary>
    public static readonly EngineTokenizer Vllm = new("prompt", "add_special_tokens");

    public string Question(string model, string text, bool special) =>
        $$"""{"model":{{JsonSerializer.Serialize(model)}},"{{TextField}}":{{JsonSerializer.Serialize(text)}},"{{SpecialField}}":{{(special ? "true" : "false")}}}""";
}
