using ComputeShare.HosterNode.Engines.BuiltIn.Sampling;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Requests;

/// <summary>One request, read and checked: what every choice begins with.</summary>
/// <param name="Context">Tokens to read first: the prompt, and what was already generated elsewhere.</param>
/// <param name="PromptLength">How many of them are the prompt.</param>
/// <param name="Choices">How many texts to generate side by side.</param>
/// <param name="MaxTokens">The most tokens to generate here, per choice.</param>
/// <param name="Stop">Texts that end a choice and are not shown.</param>
/// <param name="Sampling">How tokens are picked.</param>
/// <param name="TopLogprobs">How many alternatives to show with each token; null when no log-probabilities are asked for.</param>
internal sealed record Generation(
    IReadOnlyList<int> Context,
    int PromptLength,
    int Choices,
    int MaxTokens,
    IReadOnlyList<string> Stop,
    SamplingSettings Sampling,
    int? TopLogprobs)
{
    /// <summary>Tokens that another node generated, and this one goes on after.</summary>
    public IEnumerable<int> Continued => Context.Skip(PromptLength);

    public int FirstPosition => Context.Count - PromptLength;
}
