namespace ComputeShare.HosterNode.Engines.OpenAI.Discovery;

/// <summary>What was found at the engine's address.</summary>
/// <param name="Kind">Which software.</param>
/// <param name="Description">What it offers.</param>
internal sealed record EngineFinding(EngineKind Kind, EngineDescription Description)
{
    /// <summary>Nobody, or nobody who serves.</summary>
    public static EngineFinding Away { get; } = new(EngineKind.Other, new EngineDescription("", "", MaxSlots: null, []));

    public bool IsSameAs(EngineFinding other) => Kind == other.Kind
        && (Description.Version, Description.MaxSlots) == (other.Description.Version, other.Description.MaxSlots)
        && Description.Models.SequenceEqual(other.Description.Models);
}
