namespace ComputeShare.HosterNode.Owner;

internal static partial class OwnerLog
{
    [LoggerMessage(EventId = 3621, EventName = "GaveWayToOwner", Level = LogLevel.Information,
        Message = "The node offers {Offered} of its {Total} slots, by what its owner does with the engine.")]
    public static partial void GaveWay(ILogger logger, int offered, int total);
}
