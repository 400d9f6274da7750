using ComputeShare.Gateway.Metering;
using ComputeShare.Tokenizing;

namespace ComputeShare.Gateway.Tests.Metering;

/// <summary>The built-in model's, as the gateway's output folder has it.</summary>
internal static class TinyTokenizer
{
    public const string Name = "computeshare-tiny.gguf";

    public static TextTokenizer Instance { get; } = TokenizerFile.Read(Path.Combine(new MeteringOptions().TokenizerPath, Name));

    public static uint Count(string text) => (uint)TokenCounter.CountOf(Instance, text);
}
