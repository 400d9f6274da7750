namespace ComputeShare.HosterNode.Control;

internal static partial class ControlLog
{
    [LoggerMessage(EventId = 3601, EventName = "OwnerChangedState", Level = LogLevel.Information, Message = "By its owner's wish the node is now: {State}.")]
    public static partial void Changed(ILogger logger, ControlState state);

    [LoggerMessage(EventId = 3602, EventName = "ScheduleSet", Level = LogLevel.Information, Message = "The node's schedule is {Schedule}.")]
    public static partial void ScheduleSet(ILogger logger, Schedule schedule);
}
