using ComputeShare.HosterNode.Engines.BuiltIn;

namespace ComputeShare.HosterNode.Tests;

/// <summary>The committed model, as the node's output folder has it.</summary>
internal static class CommittedModel
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "Models", "tiny.gguf");

    public static byte[] Bytes { get; } = File.ReadAllBytes(Path);

    public static BuiltInModel Model { get; } = BuiltInModel.Load(Path);
}
