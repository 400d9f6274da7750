using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Streaming;

/// <summary>A node's token log-probabilities in OpenAI's shape.</summary>
internal static class Logprobs
{
    public static ChoiceLogprobs Of(IEnumerable<TokenLogprob>? tokens) => new([.. (tokens ?? []).Select(Entry)]);

    private static TokenLogprobEntry Entry(TokenLogprob token) =>
        new(token.Token, token.Logprob, Bytes(token), [.. token.Top.Select(top => new TopLogprob(top.Token, top.Logprob, Bytes(top)))]);

    private static int[] Bytes(TokenLogprob token) => [.. token.TokenBytes.Select(value => (int)value)];
}
