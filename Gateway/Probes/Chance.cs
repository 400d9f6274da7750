using System.Security.Cryptography;

namespace ComputeShare.Gateway.Probes;

/// <summary>
/// What must not be foreseen: who could work out the seed of a generator from a few prompts would know all that follow.
/// </summary>
internal static class Chance
{
    private const int Parts = 1 << 30;

    /// <param name="probability">0 to 1.</param>
    public static bool Of(double probability) => RandomNumberGenerator.GetInt32(Parts) < probability * Parts;

    /// <summary>Both are possible.</summary>
    public static int Between(int least, int most) => RandomNumberGenerator.GetInt32(least, most + 1);

    public static string Pick(ReadOnlySpan<string> choices) => choices[RandomNumberGenerator.GetInt32(choices.Length)];
}
