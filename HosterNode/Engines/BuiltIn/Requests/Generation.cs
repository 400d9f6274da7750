using ComputeShare.HosterNode.Engines.BuiltIn.Sampling;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Requests;

/// <summary>One request, read and checked: what every choice begins with.</summary>
/// <param name="Prompts">What to go on from; each gets as many choices.</param>
/// <param name="ChoicesPerPrompt">How many texts to generate side by side for each.</param>
/// <param name="Stop">Texts that end a choice and are not shown.</param>
/// <param name="Sampling">How tokens are picked.</param>
/// <param name="MinTokens">How many tokens a choice has before it may end by itself.</param>
/// <param name="TopLogprobs">How many alternatives to show with each token; null when no log-probabilities are asked for.</param>
/// <param name="Form">What the tokens may be.</param>
internal sealed record Generation(
    IReadOnlyList<Prompt> Prompts,
    int ChoicesPerPrompt,
    IReadOnlyList<string> Stop,
    SamplingSettings Sampling,
    int MinTokens,
    int? TopLogprobs,
    OutputForm Form);

/// <param name="Context">Tokens to read first: the prompt, and what was already generated elsewhere.</param>
/// <param name="Length">How many of them are the prompt.</param>
/// <param name="MaxTokens">The most tokens to generate here, per choice.</param>
internal sealed record Prompt(IReadOnlyList<int> Context, int Length, int MaxTokens)
{
    /// <summary>Tokens that another node generated, and this one goes on after.</summary>
    public IEnumerable<int> Continued => Context.Skip(Length);

    public int FirstPosition => Context.Count - Length;
}
