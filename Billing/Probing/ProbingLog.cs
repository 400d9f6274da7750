namespace ComputeShare.Billing.Probing;

internal static partial class ProbingLog
{
    [LoggerMessage(EventId = 4461, EventName = "ProbesFound", Level = LogLevel.Warning,
        Message = "Of the last probes of {Model} at node {NodeId} {Percent} % were against it ({Reasons}), {Times} times in a row. Its hoster's escrow stays.")]
    public static partial void Found(ILogger logger, string nodeId, string model, int percent, string reasons, int times);

    [LoggerMessage(EventId = 4462, EventName = "NodeBarredByProbes", Level = LogLevel.Error,
        Message = "Of the last probes of {Model} at node {NodeId} {Percent} % were against it ({Reasons}), {Times} times in a row: it gets no more work until `admin node forgive`.")]
    public static partial void Barred(ILogger logger, string nodeId, string model, int percent, string reasons, int times);
}
