using System.Text.Json.Serialization;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.Gateway.OpenAI.TextCompletions;

/// <summary>Token log-probabilities in the shape that completions had before chat.</summary>
internal sealed record TextLogprobs(
    IReadOnlyList<string> Tokens,
    IReadOnlyList<float> TokenLogprobs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<Dictionary<string, float>>? TopLogprobs,
    IReadOnlyList<int> TextOffset)
{
    /// <param name="tokens">In order.</param>
    /// <param name="offset">Characters of the choice before them; grows by theirs.</param>
    public static TextLogprobs Of(IReadOnlyList<TokenLogprob> tokens, ref int offset)
    {
        var offsets = new int[tokens.Count];
        for (var index = 0; index < offsets.Length; index++)
        {
            offsets[index] = offset;
            offset += tokens[index].Token.Length;
        }

        return new TextLogprobs(
            [.. tokens.Select(token => token.Token)],
            [.. tokens.Select(token => TokenLogprobEntry.Finite(token.Logprob))],
            tokens.Any(token => token.Top.Count > 0) ? [.. tokens.Select(Top)] : null,
            offsets);
    }

    private static Dictionary<string, float> Top(TokenLogprob token)
    {
        var top = new Dictionary<string, float>();
        foreach (var candidate in token.Top)
        {
            // Two halves of characters may look the same; the likelier comes first.
            top.TryAdd(candidate.Token, TokenLogprobEntry.Finite(candidate.Logprob));
        }

        return top;
    }
}
