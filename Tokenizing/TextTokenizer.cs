namespace ComputeShare.Tokenizing;

/// <summary>
/// From text to tokens, as the model's own engine does it. Text is never read for control tokens: what a caller or a model writes stays
/// text. Any thread may use one.
/// </summary>
public abstract class TextTokenizer
{
    /// <summary>Where a text may be cut so that its parts have the same tokens together as the whole.</summary>
    public abstract TextCuts Cuts { get; }

    internal SectionCounts Counted { get; } = new();

    /// <summary>Adds the tokens of a text to <paramref name="tokens"/>.</summary>
    /// <param name="isStart">Nothing stands before it: some vocabularies put a space there.</param>
    public abstract void Encode(ReadOnlySpan<char> text, bool isStart, List<int> tokens);

    public void Encode(string text, List<int> tokens) => Encode(text, isStart: true, tokens);
}
