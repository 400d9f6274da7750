namespace ComputeShare.Gateway.OpenAI;

internal static partial class OpenAILog
{
    [LoggerMessage(EventId = 1301, EventName = "ClientGone", Level = LogLevel.Debug,
        Message = "Request {RequestId}: the client went away.")]
    public static partial void ClientGone(ILogger logger, Contracts.RequestId requestId, Exception error);

    [LoggerMessage(EventId = 1302, EventName = "RequestFailed", Level = LogLevel.Error,
        Message = "Request {RequestId} failed by a defect.")]
    public static partial void Failed(ILogger logger, Contracts.RequestId requestId, Exception error);

    [LoggerMessage(EventId = 1303, EventName = "ModelsUnknown", Level = LogLevel.Warning,
        Message = "The models could not be asked for: {Reason}")]
    public static partial void ModelsUnknown(ILogger logger, string reason);

    [LoggerMessage(EventId = 1304, EventName = "ClientRequestId", Level = LogLevel.Information,
        Message = "Request {RequestId} is called {ClientRequestId} by its caller.")]
    public static partial void ClientRequestId(ILogger logger, Contracts.RequestId requestId, string clientRequestId);
}
