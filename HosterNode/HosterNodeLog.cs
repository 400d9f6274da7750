using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode;

internal static partial class HosterNodeLog
{
    [LoggerMessage(EventId = 3001, EventName = "GenerationEnded", Level = LogLevel.Information,
        Message = "Request {RequestId} on {Model}: {Outcome} after {Tokens} tokens and {Milliseconds} ms.")]
    public static partial void GenerationEnded(ILogger logger, string requestId, string model, string outcome, long tokens, long milliseconds);

    // The type alone: an engine's message may quote the prompt.
    [LoggerMessage(EventId = 3002, EventName = "EngineFailed", Level = LogLevel.Error,
        Message = "Request {RequestId}: the engine failed with {ErrorType} at {Place}.")]
    public static partial void EngineFailed(ILogger logger, string requestId, string errorType, string place);

    [LoggerMessage(EventId = 3003, EventName = "Draining", Level = LogLevel.Information,
        Message = "The node takes no new work; {Running} requests go on.")]
    public static partial void Draining(ILogger logger, int running);

    [LoggerMessage(EventId = 3004, EventName = "WatchStarted", Level = LogLevel.Information, Message = "Gateway {Gateway} watches this node.")]
    public static partial void WatchStarted(ILogger logger, string gateway);

    [LoggerMessage(EventId = 3006, EventName = "RequestRefused", Level = LogLevel.Warning, Message = "A request was refused: {Kind}. {Reason}")]
    public static partial void RequestRefused(ILogger logger, FailureKind kind, string reason);

    [LoggerMessage(EventId = 3005, EventName = "WatchEnded", Level = LogLevel.Information, Message = "Gateway {Gateway} no longer watches this node.")]
    public static partial void WatchEnded(ILogger logger, string gateway);
}
