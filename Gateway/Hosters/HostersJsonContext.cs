using System.Text.Json.Serialization;

namespace ComputeShare.Gateway.Hosters;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(HosterObject))]
[JsonSerializable(typeof(HosterNodeObject))]
[JsonSerializable(typeof(HosterNodeList))]
[JsonSerializable(typeof(EarningsObject))]
[JsonSerializable(typeof(MarketList))]
internal sealed partial class HostersJsonContext : JsonSerializerContext;
