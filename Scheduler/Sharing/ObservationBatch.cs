using System.Text.Json.Serialization;
using ComputeShare.Scheduler.Measuring;

namespace ComputeShare.Scheduler.Sharing;

/// <summary>What one Scheduler saw within a moment, as it tells the others.</summary>
/// <param name="Origin">Whose it is.</param>
/// <param name="Samples">What attempts showed.</param>
/// <param name="Prompts">Which nodes were given which beginnings of prompts.</param>
internal sealed record ObservationBatch(string Origin, IReadOnlyList<AttemptSample> Samples, IReadOnlyList<PromptPlaced> Prompts);

internal sealed record PromptPlaced(string Node, ulong[] Prefixes);

[JsonSerializable(typeof(ObservationBatch))]
internal sealed partial class ObservationJson : JsonSerializerContext;
