using ComputeShare.HosterNode.Engines.OpenAI.Profiles;

namespace ComputeShare.HosterNode.Engines.OpenAI.Discovery;

/// <summary>What was found at the engine's address.</summary>
/// <param name="Profile">Which software.</param>
/// <param name="Description">What it offers.</param>
internal sealed record EngineFinding(EngineProfile Profile, EngineDescription Description)
{
    private static readonly PlainProfile Nobody = new();

    /// <summary>Nobody, or nobody who serves.</summary>
    public static EngineFinding Away { get; } = new(Nobody, new EngineDescription("", "", MaxSlots: null, []));

    /// <summary>Requests in it when it was asked; null where it does not tell.</summary>
    public EngineLoad? Load { get; init; }

    /// <summary>Its models that are not offered, because it does not say how long their context is.</summary>
    public IReadOnlyList<string> WithoutContext { get; init; } = [];

    /// <summary>The same is offered: the load is another each time.</summary>
    public bool IsSameAs(EngineFinding other) => Profile.Name == other.Profile.Name
        && (Description.Version, Description.MaxSlots) == (other.Description.Version, other.Description.MaxSlots)
        && Description.Models.SequenceEqual(other.Description.Models, SameModel.Instance);

    private sealed class SameModel : IEqualityComparer<EngineModel>
    {
        public static SameModel Instance { get; } = new();

        // A record compares lists by reference.
        public bool Equals(EngineModel? one, EngineModel? other) => ReferenceEquals(one, other)
            || (one is not null && other is not null && one == other with { Capabilities = one.Capabilities } && one.Capabilities.SequenceEqual(other.Capabilities));

        public int GetHashCode(EngineModel model) => model.LocalName.GetHashCode(StringComparison.Ordinal);
    }
}
