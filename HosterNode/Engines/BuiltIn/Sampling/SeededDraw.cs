namespace ComputeShare.HosterNode.Engines.BuiltIn.Sampling;

/// <summary>
/// Chance that depends on seed, choice and position alone, not on what was drawn before: a stream that goes on elsewhere draws what it
/// would have drawn here. The mixing is SplitMix64's.
/// </summary>
internal static class SeededDraw
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    /// <summary>From 0 to just below 1.</summary>
    public static double At(ulong seed, int choice, int position)
    {
        var bits = Mix(Mix(Mix(seed + Step) + (ulong)choice + Step) + (ulong)position + Step);
        return (bits >> 11) * (1.0 / (1UL << 53));
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
