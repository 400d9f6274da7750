using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Engines.BuiltIn;

/// <summary>The engine inside HosterNode.</summary>
internal sealed class BuiltInEngineOptions
{
    public const string Section = "Engine:BuiltIn";

    /// <summary>The GGUF file; a relative path begins at the program's folder. Default: the project's own tiny model.</summary>
    public string ModelPath { get; set; } = "Models/tiny.gguf";

    /// <summary>The most tokens per second that one choice gets, from 0.1. Default: none, as fast as the CPU can.</summary>
    public double? TokensPerSecond { get; set; }

    /// <summary>Threads that compute, from 1 to 256. Default: one per CPU core.</summary>
    public int Threads { get; set; } = Environment.ProcessorCount;
}

internal sealed class BuiltInEngineOptionsValidator : IValidateOptions<BuiltInEngineOptions>
{
    private const double LeastPace = 0.1;
    private const double MostPace = 100_000;
    private const int MostThreads = 256;

    public ValidateOptionsResult Validate(string? name, BuiltInEngineOptions options) =>
        string.IsNullOrWhiteSpace(options.ModelPath)
            ? ValidateOptionsResult.Fail("Engine:BuiltIn:ModelPath must be the path of a GGUF file.")
            : options.TokensPerSecond is not (null or (>= LeastPace and <= MostPace))
                ? ValidateOptionsResult.Fail($"Engine:BuiltIn:TokensPerSecond must be from {LeastPace:0.0} to {MostPace:0}.")
                : options.Threads is < 1 or > MostThreads
                    ? ValidateOptionsResult.Fail($"Engine:BuiltIn:Threads must be from 1 to {MostThreads}.")
                    : ValidateOptionsResult.Success;
}
