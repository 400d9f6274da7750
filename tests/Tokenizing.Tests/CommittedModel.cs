using ComputeShare.TestSupport;

namespace ComputeShare.Tokenizing.Tests;

/// <summary>The built-in engine's model, as it is in the checkout.</summary>
internal static class CommittedModel
{
    public static string Path { get; } = Repository.PathOf("HosterNode", "Models", "tiny.gguf");

    public static byte[] Bytes { get; } = File.ReadAllBytes(Path);
}
