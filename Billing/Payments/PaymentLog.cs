namespace ComputeShare.Billing.Payments;

internal static partial class PaymentLog
{
    [LoggerMessage(EventId = 4851, EventName = "PaymentEventTaken", Level = LogLevel.Information,
        Message = "{Provider}'s event {EventId} ({Type}): {Outcome}.")]
    public static partial void Taken(ILogger logger, string provider, string eventId, string type, string outcome);

    [LoggerMessage(EventId = 4852, EventName = "PaymentUnmatched", Level = LogLevel.Error,
        Message = "{Provider}'s event {EventId} ({Type}) moved money that is nobody's here: {Outcome}. Look at it there, and book it by hand.")]
    public static partial void Unmatched(ILogger logger, string provider, string eventId, string type, string outcome);
}
