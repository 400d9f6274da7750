using System.Globalization;

namespace ComputeShare.Benchmarks;

/// <summary>What options say how many of something are wanted.</summary>
internal static class Counts
{
    /// <returns>Whether it is a number above zero.</returns>
    public static bool TryParse(string text, out int count) => int.TryParse(text, CultureInfo.InvariantCulture, out count) && count > 0;
}
