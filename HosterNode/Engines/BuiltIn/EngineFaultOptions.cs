using ComputeShare.Contracts.Inference;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Engines.BuiltIn;

/// <summary>Faults of the built-in engine, for tests; a Production environment refuses them. Tokens are those of all choices together.</summary>
internal sealed class EngineFaultOptions
{
    public const string Section = "Engine:BuiltIn:Faults";

    /// <summary>Each request fails so, before any token: <c>Busy</c>, <c>EngineError</c>, <c>Overflow</c> … Default: none does.</summary>
    public FailureKind? Refuse { get; set; }

    /// <summary>Nothing more comes after this many tokens, 0 or more; the request hangs until it is cancelled. Default: never.</summary>
    public long? StallAfter { get; set; }

    /// <summary>The engine is lost after this many tokens, 0 or more, and the node says so. Default: never.</summary>
    public long? FailAfter { get; set; }

    /// <summary>Frames after this many tokens, 0 or more, are of a choice that nobody asked for. Default: none is.</summary>
    public long? MalformedAfter { get; set; }

    /// <summary>Each character comes in a frame of its own, which claims a token for each of its bytes. Default: no.</summary>
    public bool SplitsText { get; set; }

    /// <summary>What the usage at the end says, as a multiple of the truth, from 0 to 1000. Default: 1.</summary>
    public double UsageFactor { get; set; } = 1;

    /// <summary>How many tokens each frame claims, as a multiple of the truth, from 0 to 1000. Default: 1.</summary>
    public double TokenCountFactor { get; set; } = 1;
}

internal sealed class EngineFaultOptionsValidator : IValidateOptions<EngineFaultOptions>
{
    private const double MostFactor = 1000;

    public ValidateOptionsResult Validate(string? name, EngineFaultOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        foreach (var (key, value) in new[]
        {
            (nameof(options.StallAfter), options.StallAfter), (nameof(options.FailAfter), options.FailAfter), (nameof(options.MalformedAfter), options.MalformedAfter),
        })
        {
            if (value < 0)
            {
                result.AddError($"{EngineFaultOptions.Section}:{key} must be 0 or more.");
            }
        }

        foreach (var (key, value) in new[] { (nameof(options.UsageFactor), options.UsageFactor), (nameof(options.TokenCountFactor), options.TokenCountFactor) })
        {
            if (value is not (>= 0 and <= MostFactor))
            {
                result.AddError($"{EngineFaultOptions.Section}:{key} must be from 0 to {MostFactor:0}.");
            }
        }

        return result.Build();
    }
}
