using ComputeShare.HosterNode.Engines;

namespace ComputeShare.HosterNode.Joining;

/// <summary>An engine that answered, and what it said of itself.</summary>
/// <param name="Address">Empty: the built-in one.</param>
/// <param name="WithoutContext">Models that it has and that cannot be offered, because it does not say how long their context is.</param>
internal sealed record FoundEngine(string Address, EngineDescription Description, IReadOnlyList<string> WithoutContext)
{
    public override string ToString() => Address.Length == 0
        ? "the built-in engine"
        : $"{Description.Engine} {Description.Version}".TrimEnd() + $" at {Address}";
}
