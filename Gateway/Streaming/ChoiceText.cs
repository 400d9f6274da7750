using System.Text;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.Gateway.Streaming;

/// <summary>
/// One choice of one attempt: cuts the node's text at stop strings and at <c>max_tokens</c>, and counts. A frame's tokens count as soon as
/// some of its text goes out, and never more than the UTF-8 bytes that went out (DESIGN.md §6, until the gateway has tokenizers).
/// </summary>
internal sealed class ChoiceText(int index, IReadOnlyList<string> stops, uint? maxTokens)
{
    /// <summary>
    /// More text than any answer has, in bytes: a node that sends it without counting tokens must not fill the gateway's memory.
    /// </summary>
    private const long MostBytes = 4 * 1024 * 1024;

    private readonly StopCutter _content = new(stops);
    private readonly Queue<FrameTokens> _frames = new();
    private long _bytesSeen;
    private long _bytesOut;
    private uint _tokensSeen;
    private uint _tokensOut;

    /// <summary>How it ended; null while it goes on.</summary>
    public string? FinishReason { get; private set; }

    public bool IsTooLong => _bytesSeen > MostBytes;

    /// <summary>Tokens to be paid if everything handed out so far is delivered.</summary>
    public uint Tokens => (uint)Math.Min(_tokensOut, _bytesOut);

    /// <summary>Takes a frame; the piece may be empty, when all of it is held back or comes too late.</summary>
    public TextPiece Push(Delta delta)
    {
        if (FinishReason is not null)
        {
            return TextPiece.Empty(index);
        }

        if ((ulong)_tokensSeen + delta.TokenCount > maxTokens)
        {
            return End(FinishReasons.Length);
        }

        _frames.Enqueue(new FrameTokens(_bytesSeen, delta.TokenCount, delta.Logprobs));
        _bytesSeen += Encoding.UTF8.GetByteCount(delta.Text) + Encoding.UTF8.GetByteCount(delta.Reasoning);
        _tokensSeen += delta.TokenCount;
        var piece = Piece(_content.Push(delta.Text), delta.Reasoning);
        if (_content.Stopped)
        {
            FinishReason = FinishReasons.Stop;
        }

        return piece;
    }

    /// <summary>The node has finished this choice: what was held back goes out.</summary>
    public TextPiece End(string reason)
    {
        var piece = FinishReason is null ? Piece(_content.End(), "") : TextPiece.Empty(index);
        FinishReason ??= reason;
        return piece;
    }

    /// <summary>Money ended: nothing more goes out.</summary>
    /// <param name="withheld">It was this choice's piece that could not be paid, whatever would have come after it.</param>
    public void Cut(bool withheld) => FinishReason = withheld ? FinishReasons.Length : FinishReason ?? FinishReasons.Length;

    private TextPiece Piece(string content, string reasoning)
    {
        _bytesOut += Encoding.UTF8.GetByteCount(content) + Encoding.UTF8.GetByteCount(reasoning);
        List<TokenLogprob>? logprobs = null;
        while (_frames.TryPeek(out var frame) && frame.Start < _bytesOut)
        {
            _frames.Dequeue();
            _tokensOut += frame.Tokens;
            if (frame.Logprobs.Count > 0)
            {
                (logprobs ??= []).AddRange(frame.Logprobs);
            }
        }

        return new TextPiece(index, content, reasoning, logprobs);
    }

    private readonly record struct FrameTokens(long Start, uint Tokens, IReadOnlyList<TokenLogprob> Logprobs);
}

/// <summary>Text of one choice that goes out together.</summary>
internal readonly record struct TextPiece(int Choice, string Content, string Reasoning, IReadOnlyList<TokenLogprob>? Logprobs)
{
    public bool IsEmpty => Content.Length == 0 && Reasoning.Length == 0;

    public static TextPiece Empty(int choice) => new(choice, "", "", null);

    // Text is a completion: it stays out of logs and messages.
    public override string ToString() => $"piece of choice {Choice}";
}
