using System.Text;
using ComputeShare.Gateway.Completions;
using ComputeShare.Tokenizing;

namespace ComputeShare.Gateway.Metering;

/// <summary>What a prompt is made of, and how many tokens that is to a model (docs/metering.md). Used by one request's flow.</summary>
internal sealed class PromptText
{
    private readonly IReadOnlyList<string> _texts;
    private readonly int _messages;
    private readonly int _images;
    private readonly bool _isChat;
    private readonly PromptSize? _ofIds;
    private readonly Dictionary<ModelMeter, PromptSize> _sizes = [];

    private PromptText(IReadOnlyList<string> texts, int messages, int images, bool isChat, PromptSize? ofIds)
    {
        (_texts, _messages, _images, _isChat, _ofIds) = (texts, messages, images, isChat, ofIds);
        Bounds = ofIds ?? (isChat
            ? PromptSize.OfMessages(texts.Sum(BytesOf), messages, images)
            : PromptSize.OfTexts([.. texts.Select(BytesOf)]));
    }

    /// <summary>Without a tokenizer.</summary>
    public PromptSize Bounds { get; }

    /// <param name="texts">Each is tokenised by itself.</param>
    /// <param name="messages">How many messages and tools they are in.</param>
    public static PromptText OfMessages(IReadOnlyList<string> texts, int messages, int images = 0) => new(texts, messages, images, isChat: true, null);

    /// <param name="texts">Each needs a window of its own.</param>
    public static PromptText OfTexts(IReadOnlyList<string> texts) => new(texts, 0, 0, isChat: false, null);

    /// <param name="tokens">Of each prompt, as the caller tokenized it.</param>
    public static PromptText OfTokens(IReadOnlyList<long> tokens) => new([], 0, 0, isChat: false, PromptSize.OfTokens(tokens));

    public PromptSize Size(ModelMeter meter)
    {
        if (meter.Tokenizer is not { } tokenizer)
        {
            return Bounds;
        }

        if (!_sizes.TryGetValue(meter, out var size))
        {
            _sizes.Add(meter, size = _ofIds?.Counted() ?? Count(tokenizer, meter));
        }

        return size;
    }

    // A class of its own instead of a record: generated text would print the prompt.
    public override string ToString() => $"prompt of {_texts.Count} texts";

    private PromptSize Count(TextTokenizer tokenizer, ModelMeter meter)
    {
        var counts = _texts.Select(text => (long)TokenCounter.CountOf(tokenizer, text)).ToArray();
        return _isChat
            ? PromptSize.CountedMessages(counts.Sum() + (_messages * (long)meter.TokensPerMessage) + meter.TokensPerRequest, _images)
            : PromptSize.CountedTexts(counts);
    }

    private static long BytesOf(string text) => Encoding.UTF8.GetByteCount(text);
}
