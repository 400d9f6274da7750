using ComputeShare.Contracts.Inference;

namespace ComputeShare.Gateway.Completions;

/// <summary>
/// How many tokens a prompt has: counted, or what is known of it without its tokenizer (no token is shorter than a byte, and none is longer
/// than 16 on average).
/// </summary>
/// <param name="AtLeast">For placement: no window smaller than this can hold the prompt.</param>
/// <param name="AtMost">For the hold and as the bound of what is billed: bytes and the template's overheads.</param>
/// <param name="Likely">For the bill when a node is lost before it reports: rather too few than too many.</param>
/// <param name="IsCounted">Nothing a node says changes it: <see cref="Likely"/> is billed.</param>
internal sealed record PromptSize(uint AtLeast, uint AtMost, uint Likely, bool IsCounted = false)
{
    private const int MostBytesPerToken = 16;
    private const int LikelyBytesPerToken = 4;

    // Room for what chat templates put around a message and a request, where the catalogue does not say.
    private const int TokensPerMessage = 8;
    private const int TokensPerRequest = 16;

    // What an image becomes depends on the model and the image's size; the largest tilings known stay below this.
    private const int MostTokensPerImage = 8192;
    private const int LikelyTokensPerImage = 256;

    /// <param name="bytes">UTF-8 bytes of all text.</param>
    /// <param name="messages">How many messages, and tools, the text is in.</param>
    /// <param name="images">How many images go with it.</param>
    public static PromptSize OfMessages(long bytes, int messages, int images = 0)
    {
        var overhead = (messages * TokensPerMessage) + TokensPerRequest + (images * MostTokensPerImage);
        return new PromptSize(
            (uint)(bytes / MostBytesPerToken),
            (uint)(bytes + overhead),
            (uint)((bytes / LikelyBytesPerToken) + messages + (images * LikelyTokensPerImage)));
    }

    /// <param name="bytes">UTF-8 bytes of each text; each needs a window of its own.</param>
    public static PromptSize OfTexts(IReadOnlyList<long> bytes) => new(
        (uint)(bytes.Max() / MostBytesPerToken),
        (uint)(bytes.Sum() + (bytes.Count * TokensPerMessage)),
        (uint)((bytes.Sum() / LikelyBytesPerToken) + bytes.Count));

    /// <param name="tokens">Of each prompt, as the caller tokenized it.</param>
    public static PromptSize OfTokens(IReadOnlyList<long> tokens) => new(
        (uint)tokens.Max(),
        (uint)(tokens.Sum() + (tokens.Count * TokensPerMessage)),
        (uint)tokens.Sum());

    /// <param name="tokens">Of all text, and the template's overheads.</param>
    /// <param name="images">What they become is the engine's to say, within bounds.</param>
    public static PromptSize CountedMessages(long tokens, int images) => new(
        (uint)tokens,
        (uint)(tokens + ((long)images * MostTokensPerImage)),
        (uint)(tokens + ((long)images * LikelyTokensPerImage)),
        IsCounted: images == 0);

    /// <param name="tokens">Of each text.</param>
    public static PromptSize CountedTexts(IReadOnlyList<long> tokens)
    {
        var sum = (uint)tokens.Sum();
        return new PromptSize((uint)tokens.Max(), sum, sum, IsCounted: true);
    }

    /// <summary>It is one or the other, nobody knows yet which.</summary>
    public static PromptSize Either(PromptSize one, PromptSize other) => new(
        Math.Min(one.AtLeast, other.AtLeast), Math.Max(one.AtMost, other.AtMost), Math.Max(one.Likely, other.Likely), one.IsCounted && other.IsCounted);

    /// <summary>Of token ids, which need no counting once it is known who reads them.</summary>
    public PromptSize Counted() => new(AtLeast, Likely, Likely, IsCounted: true);

    public uint Billed(EngineUsage? reported) => IsCounted || reported is null ? Likely : Math.Min(reported.PromptTokens, AtMost);
}
