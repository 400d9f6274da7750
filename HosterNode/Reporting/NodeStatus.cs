using System.Text.Json.Serialization;

namespace ComputeShare.HosterNode.Reporting;

/// <summary>What a node tells its owner of itself.</summary>
/// <param name="State">In one word, see <see cref="NodeStateName"/>.</param>
/// <param name="Gateways">Names of those that watch it.</param>
/// <param name="Schedule">As the owner wrote it; <c>off</c> when there is none.</param>
/// <param name="TimeZone">By whose clock the schedule goes.</param>
internal sealed record NodeStatus(
    string Id,
    string State,
    IReadOnlyList<string> Gateways,
    string Engine,
    string EngineVersion,
    IReadOnlyList<ModelStatus> Models,
    SlotStatus Slots,
    TrafficStatus Traffic,
    IReadOnlyList<GpuStatus> Gpus,
    string Schedule,
    string TimeZone,
    EarningStatus? Earnings);

/// <param name="Input">Dollars per million tokens; the others too.</param>
/// <param name="TtftMs">Measured on its traffic; 0 before the first.</param>
/// <param name="TokensPerSecond">Of one request, measured likewise.</param>
internal sealed record ModelStatus(string Name, int ContextLength, decimal Input, decimal CachedInput, decimal Output, float TtftMs, float TokensPerSecond);

/// <param name="Total">What the node is set to.</param>
/// <param name="Offered">What heat, memory and the owner's own work leave of it.</param>
/// <param name="Taken">In use by the market.</param>
/// <param name="Local">Requests of somebody else that the engine runs; null where it does not tell.</param>
internal sealed record SlotStatus(int Total, int Offered, int Taken, int? Local);

internal sealed record TrafficStatus(double UptimeSeconds, int Running, long Finished, long Failed, long Tokens, double TokensPerSecond);

/// <param name="ComputeCapability">NVIDIA's; empty for others.</param>
/// <param name="Utilization">Percent.</param>
internal sealed record GpuStatus(
    string Name,
    string Driver,
    string ComputeCapability,
    ulong MemoryBytes,
    ulong MemoryUsedBytes,
    uint? Utilization,
    uint? TemperatureCelsius,
    double? PowerWatts);

/// <summary>The hoster's, of all its nodes, in dollars.</summary>
/// <param name="Today">Of this day in UTC.</param>
/// <param name="Recent">Of thirty days.</param>
internal sealed record EarningStatus(string Today, string Recent);

/// <summary>The words of <see cref="NodeStatus.State"/>, the first that is true.</summary>
internal static class NodeStateName
{
    public const string Draining = "draining";
    public const string Paused = "paused";
    public const string OutsideSchedule = "outside_schedule";
    public const string EngineAway = "engine_away";
    public const string NotJoined = "not_joined";
    public const string OwnerFirst = "owner_first";
    public const string Serving = "serving";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(NodeStatus))]
internal sealed partial class NodeStatusJsonContext : JsonSerializerContext;
