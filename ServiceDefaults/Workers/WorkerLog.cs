using Microsoft.Extensions.Logging;

namespace ComputeShare.ServiceDefaults.Workers;

internal static partial class WorkerLog
{
    [LoggerMessage(EventId = 9101, EventName = "RoundFailed", Level = LogLevel.Error,
        Message = "A round of {Worker} has failed; the next one tries again.")]
    public static partial void RoundFailed(ILogger logger, string worker, Exception error);
}
