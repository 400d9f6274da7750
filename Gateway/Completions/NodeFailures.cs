using ComputeShare.Contracts.Inference;

namespace ComputeShare.Gateway.Completions;

/// <summary>What a node's failure means. Its text is not shown: a node is a stranger's machine.</summary>
internal static class NodeFailures
{
    // Fields that a node may name as unsupported; any other name is its own invention.
    private static readonly string[] KnownParams =
    [
        "temperature", "top_p", "n", "stop", "seed", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs",
        "top_logprobs", "max_tokens", "tools", "tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort", "top_k", "min_p",
        "typical_p", "repetition_penalty", "min_tokens", "dimensions",
    ];

    public static CompletionOutcome Outcome(Failed failed, Operation operation) => failed.Kind switch
    {
        FailureKind.Busy => CompletionOutcome.SlotsFull,
        FailureKind.Overflow => CompletionOutcome.ContextOverflow(operation.PromptParam),
        FailureKind.Unsupported => CompletionOutcome.Unsupported(Param(failed, operation)) with { MayTryAnotherNode = failed.Retryable },
        FailureKind.EngineError when failed.Fault == Fault.Request => CompletionOutcome.RefusedByNode(Param(failed, operation)),
        FailureKind.Deadline when failed.Fault == Fault.Nobody => CompletionOutcome.TotalDeadline,
        FailureKind.Deadline => CompletionOutcome.BetweenTokensDeadline,
        FailureKind.EngineLost or FailureKind.Cancelled => CompletionOutcome.NodeLost,
        FailureKind.EngineError when failed.Retryable => CompletionOutcome.NodeFailed,
        // Also every kind that this gateway does not know: the node's fault, and not to be tried again.
        _ => CompletionOutcome.NodeBroken,
    };

    private static string? Param(Failed failed, Operation operation) => failed.Param switch
    {
        "messages" or "prompt" or "input" => operation.PromptParam,
        var param => KnownParams.Contains(param) ? param : null,
    };
}
