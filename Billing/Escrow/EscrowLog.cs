namespace ComputeShare.Billing.Escrow;

internal static partial class EscrowLog
{
    [LoggerMessage(EventId = 4301, EventName = "EarningsCleared", Level = LogLevel.Information,
        Message = "Earnings of {Hosters} hosters have left escrow.")]
    public static partial void Cleared(ILogger logger, int hosters);
}
