using System.Text;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>What the engine says, token by token: engine and reader both know it, so that every byte that arrives can be checked.</summary>
internal static class BenchText
{
    public const string Model = "computeshare/tiny";

    // Each is one token of the model's own vocabulary, so that the gateway counts as many as the engine sends.
    private static readonly string[] Words = [" the", " and", " of", " a"];

    private static readonly byte[][] Encoded = [.. Words.Select(Encoding.UTF8.GetBytes)];

    /// <summary>After how many tokens it begins anew.</summary>
    public static int Period => Words.Length;

    public static string Token(int index) => Words[index % Words.Length];

    public static ReadOnlySpan<byte> Utf8(int index) => Encoded[index % Encoded.Length];

    public static string Answer(int tokens) => string.Concat(Enumerable.Range(0, tokens).Select(Token));
}
