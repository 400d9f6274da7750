using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Engines.BuiltIn;

/// <summary>The engine inside HosterNode.</summary>
internal sealed class BuiltInEngineOptions
{
    public const string Section = "Engine:BuiltIn";

    /// <summary>The GGUF file; a relative path begins at the program's folder. Default: the project's own tiny model.</summary>
    [Required(AllowEmptyStrings = false, ErrorMessage = "Engine:BuiltIn:ModelPath must be the path of a GGUF file.")]
    public string ModelPath { get; set; } = "Models/tiny.gguf";

    /// <summary>The most tokens per second that one choice gets. Default: none, as fast as the CPU can.</summary>
    [Range(0.1, 100_000, ErrorMessage = "Engine:BuiltIn:TokensPerSecond must be from 0.1 to 100000.")]
    public double? TokensPerSecond { get; set; }

    /// <summary>Threads that compute. Default: one per CPU core.</summary>
    [Range(1, 256, ErrorMessage = "Engine:BuiltIn:Threads must be from 1 to 256.")]
    public int Threads { get; set; } = Environment.ProcessorCount;
}

[OptionsValidator]
internal sealed partial class BuiltInEngineOptionsValidator : IValidateOptions<BuiltInEngineOptions>;
