using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Engines;

/// <summary>A request that an engine could not serve. The message is shown to the caller: no prompt, path, address or secret in it.</summary>
internal sealed class EngineException(FailureKind kind, Fault fault, bool retryable, string message, string param = "") : Exception(message)
{
    public FailureKind Kind => kind;

    /// <summary>The node does not serve the model any more.</summary>
    public bool IsOfModel => kind == FailureKind.Unsupported && fault == Fault.Node;

    public Failed ToFailed() => new() { Kind = kind, Fault = fault, Retryable = retryable, Message = Message, Param = param };

    /// <summary>The request's body is wrong; no node would take it.</summary>
    public static EngineException Invalid(string message, string param) =>
        new(FailureKind.EngineError, Fault.Request, retryable: false, message, param);

    /// <summary>Another node's engine may be able to.</summary>
    public static EngineException Unsupported(string message, string param) =>
        new(FailureKind.Unsupported, Fault.Request, retryable: true, message, param);

    /// <summary>The model is not, or no longer, here.</summary>
    public static EngineException NotServed() =>
        new(FailureKind.Unsupported, Fault.Node, retryable: true, "This node does not serve the model.", "model");

    public static EngineException Overflow(int prompt, int maxTokens, int context, string param) => new(
        FailureKind.Overflow,
        Fault.Request,
        retryable: false,
        $"The prompt ({prompt} tokens) and max_tokens ({maxTokens}) do not fit this model's context of {context} tokens.",
        param);
}
