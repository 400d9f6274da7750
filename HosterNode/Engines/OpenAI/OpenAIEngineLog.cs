namespace ComputeShare.HosterNode.Engines.OpenAI;

internal static partial class OpenAIEngineLog
{
    [LoggerMessage(EventId = 3201, EventName = "EngineFound", Level = LogLevel.Information,
        Message = "The engine is {Engine} {Version}; models offered: {Models}; its own limit of requests side by side: {Slots}.")]
    public static partial void EngineFound(ILogger logger, string engine, string version, string models, int? slots);

    [LoggerMessage(EventId = 3202, EventName = "EngineAway", Level = LogLevel.Warning,
        Message = "The engine at Engine:Url does not serve ({Reason}); no model is offered until it does.")]
    public static partial void EngineAway(ILogger logger, string reason);

    [LoggerMessage(EventId = 3203, EventName = "ContextUnknown", Level = LogLevel.Warning,
        Message = "Model {Model} is not offered: the engine does not say its context length. Set Engine:ContextLength.")]
    public static partial void ContextUnknown(ILogger logger, string model);

    // Neither the engine's message nor its body: both may quote the prompt.
    [LoggerMessage(EventId = 3204, EventName = "EngineRefused", Level = LogLevel.Warning,
        Message = "Request {RequestId}: the engine answered with status {Status}.")]
    public static partial void EngineRefused(ILogger logger, string requestId, int status);
}
