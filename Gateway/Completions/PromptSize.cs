using ComputeShare.Contracts.Inference;

namespace ComputeShare.Gateway.Completions;

/// <summary>
/// What is known of a prompt's tokens without its tokenizer: no token is shorter than a byte, and none is longer than 16 on average.
/// </summary>
/// <param name="AtLeast">For placement: no window smaller than this can hold the prompt.</param>
/// <param name="AtMost">For the hold and as the bound of what is billed: bytes and the template's overheads.</param>
/// <param name="Likely">For the bill when a node is lost before it reports: rather too few than too many.</param>
internal sealed record PromptSize(uint AtLeast, uint AtMost, uint Likely)
{
    private const int MostBytesPerToken = 16;
    private const int LikelyBytesPerToken = 4;

    // Room for what chat templates put around a message and a request, where the catalogue does not say.
    private const int TokensPerMessage = 8;
    private const int TokensPerRequest = 16;

    /// <param name="bytes">UTF-8 bytes of all text.</param>
    /// <param name="messages">How many messages the text is in.</param>
    public static PromptSize OfMessages(long bytes, int messages)
    {
        var overhead = (messages * TokensPerMessage) + TokensPerRequest;
        return new PromptSize(
            (uint)(bytes / MostBytesPerToken),
            (uint)(bytes + overhead),
            (uint)((bytes / LikelyBytesPerToken) + messages));
    }

    public uint Billed(EngineUsage? reported) => reported is null ? Likely : Math.Min(reported.PromptTokens, AtMost);
}
