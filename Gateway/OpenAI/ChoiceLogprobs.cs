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
    public static IReadOnlyList<TokenLogprobEntry> Of(IEnumerable<TokenLogprob>? tokens) => [.. (tokens ?? []).Select(Entry)];

    private static TokenLogprobEntry Entry(TokenLogprob token) =>
        new(token.Token, token.Logprob, BytesOf(token), [.. token.Top.Select(top => new TopLogprob(top.Token, top.Logprob, BytesOf(top)))]);

    private static int[] BytesOf(TokenLogprob token) => [.. token.TokenBytes.Select(value => (int)value)];
}

internal sealed record TopLogprob(string Token, float Logprob, IReadOnlyList<int> Bytes);
