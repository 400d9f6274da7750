namespace ComputeShare.Gateway.Completions;

internal static partial class CompletionLog
{
    [LoggerMessage(EventId = 1501, EventName = "RequestEnded", Level = LogLevel.Information,
        Message = "Request {RequestId} of account {AccountId} ended {Outcome}: model {Model}, attempt {Attempt}, {CompletionTokens} tokens, {Milliseconds} ms.")]
    public static partial void Ended(
        ILogger logger, string requestId, string accountId, string outcome, string model, uint attempt, uint completionTokens, long milliseconds);

    [LoggerMessage(EventId = 1502, EventName = "AttemptFailed", Level = LogLevel.Warning,
        Message = "Request {RequestId}: attempt {Attempt} on node {NodeId} failed: {Outcome}.")]
    public static partial void AttemptFailed(ILogger logger, string requestId, uint attempt, string nodeId, string outcome);

    [LoggerMessage(EventId = 1503, EventName = "CompletionFailed", Level = LogLevel.Error,
        Message = "Request {RequestId} failed by a defect.")]
    public static partial void Failed(ILogger logger, string requestId, Exception error);

    [LoggerMessage(EventId = 1504, EventName = "ClientLeft", Level = LogLevel.Debug,
        Message = "Request {RequestId}: the client left.")]
    public static partial void ClientLeft(ILogger logger, Contracts.RequestId requestId, Exception error);
}
