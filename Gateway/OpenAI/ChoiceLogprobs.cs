using System.Text.Json.Serialization;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>A choice's token log-probabilities in chat's shape.</summary>
internal sealed record ChoiceLogprobs(
    IReadOnlyList<TokenLogprobEntry> Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Refusal = null)
{
    public static ChoiceLogprobs Of(IEnumerable<TokenLogprob>? tokens) => new(TokenLogprobEntry.Of(tokens));
}

internal sealed record TokenLogprobEntry(string Token, float Logprob, IReadOnlyList<int> Bytes, IReadOnlyList<TopLogprob> TopLogprobs)
{
    // What OpenAI's API says of tokens that are as good as impossible.
    private const float AsGoodAsImpossible = -9999;

    /// <summary>JSON has no other numbers: an engine's minus infinity, and whatever else a node says, is this one.</summary>
    public static float Finite(float logprob) => float.IsFinite(logprob) ? logprob : AsGoodAsImpossible;

    public static IReadOnlyList<TokenLogprobEntry> Of(IEnumerable<TokenLogprob>? tokens) => [.. (tokens ?? []).Select(Entry)];

    private static TokenLogprobEntry Entry(TokenLogprob token) =>
        new(token.Token, Finite(token.Logprob), BytesOf(token), [.. token.Top.Select(top => new TopLogprob(top.Token, Finite(top.Logprob), BytesOf(top)))]);

    private static int[] BytesOf(TokenLogprob token) => [.. token.TokenBytes.Select(value => (int)value)];
}

internal sealed record TopLogprob(string Token, float Logprob, IReadOnlyList<int> Bytes);
