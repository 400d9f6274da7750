namespace ComputeShare.TinyModel;

/// <summary>SplitMix64. Only whole-number and exact floating-point steps: the same numbers on every machine.</summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    public int Next(int below) => (int)(NextBits() % (ulong)below);

    /// <summary>From 0 to just below 1.</summary>
    public double NextUnit() => (NextBits() >> 11) * (1.0 / (1L << 53));

    /// <summary>Uniform with mean 0 and the given standard deviation.</summary>
    public float NextWeight(double deviation) => (float)(((2 * NextUnit()) - 1) * Math.Sqrt(3) * deviation);

    private ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
