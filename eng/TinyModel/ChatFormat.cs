namespace ComputeShare.TinyModel;

/// <summary>
/// The widely used form <c>&lt;|user|&gt; … &lt;|end|&gt; &lt;|assistant|&gt;</c>: its special tokens, and the template that says so to
/// other engines. HosterNode's ChatPrompt writes the same.
/// </summary>
internal static class ChatFormat
{
    public const string EndOfText = "<|endoftext|>";
    public const string EndOfTurn = "<|end|>";

    public const string Template =
        "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + '<|end|>\\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}";

    public static readonly string[] SpecialTokens = [EndOfText, "<|system|>", "<|user|>", "<|assistant|>", EndOfTurn];
}
