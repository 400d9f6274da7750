namespace ComputeShare.Scheduler.Redis;

/// <summary>
/// Every key and channel of the Scheduler in Redis. All keys of a node share the hash tag <c>{n:NODE}</c>, so that one cluster slot
/// holds them and a script may use them together; no script uses keys of two nodes.
/// </summary>
internal static class RedisKeys
{
    /// <summary>Pattern that <see cref="NodeState"/> of every node matches.</summary>
    public const string EveryNodeState = "{n:*}:state";

    /// <summary>Node states and departures, as <see cref="NodeStateStore"/> writes them.</summary>
    public const string NodesChannel = "scheduler:nodes";

    /// <summary>Nodes that became full or got room again: <c>TAKEN FIRST-EXPIRY-MS VERSION NODE</c>.</summary>
    public const string SlotsChannel = "scheduler:slots";

    /// <summary>Nodes that failed, or are forgiven: <c>FAILURES COOL-DOWN-MS VERSION NODE</c>.</summary>
    public const string CoolDownsChannel = "scheduler:cool-downs";

    /// <summary>Stream: what Schedulers saw, as <see cref="ObservationLog"/> writes it.</summary>
    public const string Observations = "scheduler:observations";

    /// <summary>Hash: <c>incarnation</c>, <c>sequence</c>, <c>past</c> incarnations, <c>since</c>, and the <c>report</c> (absent: the node left).</summary>
    public static string NodeState(string nodeId) => $"{{n:{nodeId}}}:state";

    /// <summary>Hash: <c>count</c> of failures in a row, the last one's <c>outcome</c>, and the cool-down's end, <c>until</c>, in Redis' milliseconds.</summary>
    public static string NodeFailures(string nodeId) => $"{{n:{nodeId}}}:failures";

    /// <summary>Sorted set: one member per taken slot, <c>LEASE#1</c> to <c>LEASE#n</c>; the score is the end in Redis' milliseconds.</summary>
    public static string NodeLeases(string nodeId) => $"{{n:{nodeId}}}:leases";

    /// <summary>Sorted set: leases that were given back; the score is until when that is remembered, in Redis' milliseconds.</summary>
    public static string NodeReleases(string nodeId) => $"{{n:{nodeId}}}:released";
}
