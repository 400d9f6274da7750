namespace ComputeShare.Gateway.OpenAI.Models;

/// <summary>From what nodes can do to the fields of a request that ask for it.</summary>
internal static class SupportedParameters
{
    // What the gateway itself takes care of, or every engine can, where text is generated.
    private static readonly string[] OfText = ["max_completion_tokens", "max_tokens", "n", "stop", "stream", "temperature", "top_p"];

    private static readonly (string Capability, string[] Parameters)[] Table =
    [
        ("chat", OfText),
        ("completions", OfText),
        ("dimensions", ["dimensions"]),
        ("json_object", ["response_format"]),
        ("json_schema", ["response_format", "structured_outputs"]),
        ("logit_bias", ["logit_bias"]),
        ("logprobs", ["logprobs", "top_logprobs"]),
        ("min_p", ["min_p"]),
        ("min_tokens", ["min_tokens"]),
        ("penalties", ["frequency_penalty", "presence_penalty"]),
        ("reasoning_effort", ["reasoning_effort"]),
        ("repetition_penalty", ["repetition_penalty"]),
        ("seed", ["seed"]),
        ("tools", ["parallel_tool_calls", "tool_choice", "tools"]),
        ("top_k", ["top_k"]),
        ("typical_p", ["typical_p"]),
    ];

    public static IReadOnlyList<string> Of(IReadOnlyCollection<string> capabilities) =>
    [
        .. Table.Where(row => capabilities.Contains(row.Capability)).SelectMany(row => row.Parameters).Distinct().Order(StringComparer.Ordinal),
    ];
}
