using ComputeShare.Tokenizing;

namespace ComputeShare.Gateway.Metering;

/// <summary>How a model of the catalogue is counted (docs/metering.md).</summary>
/// <param name="Tokenizer">Its own; null: not known here, so that counts are bounds.</param>
/// <param name="TokensPerMessage">What its chat template puts around a message.</param>
/// <param name="TokensPerRequest">What it puts around all of them.</param>
internal sealed record ModelMeter(TextTokenizer? Tokenizer, uint TokensPerMessage, uint TokensPerRequest)
{
    /// <summary>For what the catalogue does not know.</summary>
    public static readonly ModelMeter Unknown = new(null, 0, 0);
}
