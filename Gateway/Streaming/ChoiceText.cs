using System.Text;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Metering;
using ComputeShare.Tokenizing;

namespace ComputeShare.Gateway.Streaming;

/// <summary>
/// One choice of one attempt: cuts the node's text at stop strings and at <c>max_tokens</c>, and counts what goes out. Without the model's
/// tokenizer a frame's own count stands, as soon as some of its text goes out, and never more than the UTF-8 bytes that went out. Names and
/// arguments of tool calls are text like any other, but stop strings do not cut them.
/// </summary>
/// <param name="index">Of the choice.</param>
/// <param name="stops">Never seen by the client.</param>
/// <param name="maxTokens">Null: as many as the node sends.</param>
/// <param name="calls">Null: the request allows no tool calls.</param>
/// <param name="tokenizer">The model's; null: not known.</param>
/// <param name="logprobs">They were asked for; else none is kept.</param>
internal sealed class ChoiceText(
    int index, IReadOnlyList<string> stops, uint? maxTokens, ToolCalls? calls = null, TextTokenizer? tokenizer = null, bool logprobs = false)
{
    /// <summary>
    /// More text than any answer has, in bytes: a node that sends it without counting tokens must not fill the gateway's memory.
    /// </summary>
    private const long MostBytes = 4 * 1024 * 1024;

    /// <summary>More of them than any answer has, in bytes of memory: sixty thousand tokens with twenty others each.</summary>
    private const long MostLogprobBytes = 128 * 1024 * 1024;

    /// <summary>Frames that wait for the text they belong to: no character takes as many.</summary>
    private const int MostWaiting = 64 * 1024;

    private const long BytesOfALogprob = 80;
    private static readonly TokenLogprob[] NoLogprobs = [];

    private readonly StopCutter _content = new(stops);
    private readonly ChoiceMeter? _meter = tokenizer is null ? null : new ChoiceMeter(tokenizer);
    private readonly Queue<FrameTokens> _frames = new();
    private bool _isMalformed;
    private long _bytesSeen;
    private long _bytesOut;
    private long _logprobBytes;
    private uint _tokensSeen;
    private uint _tokensOut;

    /// <summary>How it ended; null while it goes on.</summary>
    public string? FinishReason { get; private set; }

    /// <summary>The gateway ended it, so that it is not all that the node has generated.</summary>
    public bool WasCut { get; private set; }

    /// <summary>The node sent what no engine does.</summary>
    public bool IsMalformed => _isMalformed || _bytesSeen > MostBytes || _logprobBytes > MostLogprobBytes || _frames.Count > MostWaiting;

    /// <summary>Tokens to be paid if everything handed out so far is delivered: never more than were asked for.</summary>
    public uint Tokens => _meter is null ? (uint)Math.Min(_tokensOut, _bytesOut) : Paid(_meter.Count);

    /// <summary>What no text that follows can make less.</summary>
    public uint CertainTokens => _meter is null ? Tokens : Paid(_meter.Settled);

    /// <summary>Null where they are not counted.</summary>
    public uint? ReasoningTokens => _meter?.Reasoning;

    /// <summary>As the node's frames say.</summary>
    public uint ReportedTokens => _tokensSeen;

    public bool HasCalls => calls is { IsEmpty: false };

    /// <summary>Takes a frame; the piece may be empty, when all of it is held back or comes too late.</summary>
    public TextPiece Push(Delta delta)
    {
        if (FinishReason is not null)
        {
            return TextPiece.Empty(index);
        }

        if (IsTooMuch(delta))
        {
            WasCut = true;
            return End(FinishReasons.Length);
        }

        Keep(delta);
        _bytesSeen += Encoding.UTF8.GetByteCount(delta.Text) + Encoding.UTF8.GetByteCount(delta.Reasoning);
        _tokensSeen = (uint)Math.Min((ulong)_tokensSeen + delta.TokenCount, uint.MaxValue);
        var content = _content.Push(delta.Text);
        // What follows a stop string was never to be generated, calls neither.
        var toolCalls = _content.Stopped || delta.ToolCalls.Count == 0 ? null : ReadCalls(delta);
        var piece = Piece(content, delta.Reasoning, toolCalls);
        if (_content.Stopped)
        {
            (FinishReason, WasCut) = (FinishReasons.Stop, true);
        }

        return piece;
    }

    /// <summary>The node has finished this choice: what was held back goes out.</summary>
    public TextPiece End(string reason)
    {
        if (FinishReason is not null)
        {
            return TextPiece.Empty(index);
        }

        _isMalformed |= reason == FinishReasons.ToolCalls && !HasCalls;
        FinishReason = HasCalls && reason == FinishReasons.Stop ? FinishReasons.ToolCalls : reason;
        return Piece(_content.End(), "", null);
    }

    /// <summary>Money ended: nothing more goes out.</summary>
    /// <param name="withheld">It was this choice's piece that could not be paid, whatever would have come after it.</param>
    public void Cut(bool withheld) => FinishReason = withheld ? FinishReasons.Length : FinishReason ?? FinishReasons.Length;

    // What has neither tokens nor text leaves nothing behind: a node could send it without end.
    private void Keep(Delta delta)
    {
        IReadOnlyList<TokenLogprob> kept = logprobs ? delta.Logprobs : NoLogprobs;
        for (var token = 0; token < kept.Count; token++)
        {
            _logprobBytes += BytesOf(kept[token]);
        }

        if (delta.TokenCount > 0 || kept.Count > 0)
        {
            _frames.Enqueue(new FrameTokens(_bytesSeen, delta.TokenCount, kept));
        }
    }

    // A frame that crosses the limit still goes out, unpaid beyond it; the next one does not, unless its text only makes the last token
    // longer. A node's own count ends a choice only where its frames have nothing to be counted.
    private bool IsTooMuch(Delta delta)
    {
        if (maxTokens is not { } most)
        {
            return false;
        }

        var hasText = delta.Text.Length > 0 || delta.Reasoning.Length > 0 || delta.ToolCalls.Count > 0;
        return _meter is null || !hasText
            ? (ulong)_tokensSeen + delta.TokenCount > most
            : _meter.Count >= most && _meter.CountWith(delta) > most;
    }

    private uint Paid(uint tokens) => Math.Min(tokens, maxTokens ?? uint.MaxValue);

    private List<ToolCallPiece>? ReadCalls(Delta delta)
    {
        var pieces = new List<ToolCallPiece>(delta.ToolCalls.Count);
        foreach (var call in delta.ToolCalls)
        {
            if (calls?.Read(call) is not { } piece)
            {
                _isMalformed = true;
                return null;
            }

            _bytesSeen += BytesOf(piece);
            pieces.Add(piece);
        }

        return pieces;
    }

    private static int BytesOf(ToolCallPiece call) => Encoding.UTF8.GetByteCount(call.Name ?? "") + Encoding.UTF8.GetByteCount(call.Arguments);

    private static long BytesOf(TokenLogprob token) => BytesOfALogprob + (2 * token.Token.Length) + (4 * token.TokenBytes.Length) + token.Top.Sum(BytesOf);

    private TextPiece Piece(string content, string reasoning, List<ToolCallPiece>? toolCalls)
    {
        _bytesOut += Encoding.UTF8.GetByteCount(content) + Encoding.UTF8.GetByteCount(reasoning);
        for (var call = 0; call < toolCalls?.Count; call++)
        {
            _bytesOut += BytesOf(toolCalls[call]);
        }

        List<TokenLogprob>? ofPiece = null;
        while (_frames.TryPeek(out var frame) && frame.Start < _bytesOut)
        {
            _frames.Dequeue();
            _tokensOut += frame.Tokens;
            if (frame.Logprobs.Count > 0)
            {
                (ofPiece ??= []).AddRange(frame.Logprobs);
            }
        }

        var piece = new TextPiece(index, content, reasoning, ofPiece, toolCalls);
        _meter?.Add(piece);
        return piece;
    }

    private readonly record struct FrameTokens(long Start, uint Tokens, IReadOnlyList<TokenLogprob> Logprobs);
}
