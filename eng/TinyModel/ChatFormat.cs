namespace ComputeShare.TinyModel;

/// <summary>
/// The form <c>&lt;|user|&gt; … &lt;|end|&gt; &lt;|assistant|&gt;</c>: its special tokens, and the template that says so to other engines.
/// HosterNode's PromptBuilder writes the same.
/// </summary>
internal static class ChatFormat
{
    public const string EndOfText = "<|endoftext|>";
    public const string EndOfTurn = "<|end|>";
    public const string ToolCall = "<|tool_call|>";

    public const string Template =
        "{% if tools %}{{ '<|system|>\\nTools:\\n' }}{% for tool in tools %}{{ tool['function'] | tojson }}{% if not loop.last %}{{ '\\n' }}{% endif %}{% endfor %}"
        + "{{ '<|end|>\\n' }}{% endif %}"
        + "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' }}{% if message['content'] %}{{ message['content'] }}{% endif %}"
        + "{% if message['tool_calls'] %}{% for call in message['tool_calls'] %}"
        + "{{ '<|tool_call|>{\"name\":\"' + call['function']['name'] + '\",\"arguments\":' }}{{ call['function']['arguments'] | tojson }}{{ '}' }}"
        + "{% endfor %}{% endif %}{{ '<|end|>\\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}";

    public static readonly string[] SpecialTokens = [EndOfText, "<|system|>", "<|user|>", "<|assistant|>", EndOfTurn, "<|tool|>", ToolCall];

    public static string RoleToken(string role) => $"<|{role}|>";
}
