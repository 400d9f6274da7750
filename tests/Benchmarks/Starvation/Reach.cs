namespace ComputeShare.Benchmarks.Starvation;

/// <summary>How far an attack got: what it really had in hand, not what it meant to.</summary>
/// <param name="Count">Connections, or requests.</param>
/// <param name="Text">The same for people, and what became of them.</param>
internal sealed record Reach(int Count, string Text);
