using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.Gateway.OpenAI.Chat;

/// <summary>A chat completion's chunks, all with one instance (WIRE 33-40).</summary>
internal sealed class ChatEvents : IEventFormat
{
    private readonly CompletionContext _context;
    private readonly ChatCompletionChunk _chunk;
    private readonly ChatCompletionUsageChunk? _usageChunk;
    private readonly ChunkChoice _choice = new();
    private readonly bool[] _begun;
    private readonly TextEvent?[] _texts;

    public ChatEvents(CompletionContext context)
    {
        _context = context;
        _begun = new bool[context.Request.Choices];
        _texts = new TextEvent?[context.Request.Choices];
        var id = context.AnswerId;
        _usageChunk = context.Request.IncludeUsage
            ? new ChatCompletionUsageChunk { Id = id, Created = context.Created, Model = context.Request.Model }
            : null;
        _chunk = _usageChunk ?? new ChatCompletionChunk { Id = id, Created = context.Created, Model = context.Request.Model };
        _chunk.Choices = [_choice];
    }

    public void WritePiece(SseWriter writer, in TextPiece piece)
    {
        _choice.Index = piece.Choice;
        if (_begun[piece.Choice] && !_context.Request.Logprobs && piece is { Content.Length: > 0, Reasoning.Length: 0, ToolCalls: null })
        {
            (_texts[piece.Choice] ??= NewTextEvent()).Write(writer, piece.Content);
            return;
        }

        _choice.Logprobs = _context.Request.Logprobs ? ChoiceLogprobs.Of(piece.Logprobs) : null;
        if (piece.HasText || piece.ToolCalls is null)
        {
            var role = Begin(piece.Choice);
            _choice.Delta.Role = role;
            _choice.Delta.Content = piece.Content.Length > 0 || role is not null ? piece.Content : null;
            _choice.Delta.ReasoningContent = piece.Reasoning.Length > 0 ? piece.Reasoning : null;
            Write(writer);
        }

        if (piece.ToolCalls is { } calls)
        {
            WriteCalls(writer, calls);
        }
    }

    public void WriteEnd(SseWriter writer, IReadOnlyList<ChoiceText> choices, bool openedEarly)
    {
        for (var index = 0; index < choices.Count; index++)
        {
            if (!_begun[index])
            {
                WritePiece(writer, TextPiece.Empty(index));
            }
        }

        _choice.Delta.Clear();
        _choice.Logprobs = null;
        for (var index = 0; index < choices.Count; index++)
        {
            _choice.Index = index;
            _choice.FinishReason = choices[index].FinishReason;
            _chunk.Computeshare = index == choices.Count - 1 ? _context.Note(openedEarly) : null;
            Write(writer);
        }

        if (_usageChunk is not null)
        {
            _usageChunk.Choices = [];
            _usageChunk.Computeshare = null;
            _usageChunk.Usage = _context.Usage();
            Write(writer);
        }

        writer.WriteDone();
    }

    public void WriteError(SseWriter writer, OpenAIError error) => writer.WriteEvent(ErrorBody.Of(error, _context.ErrorNote()), OpenAIJsonContext.Default.ErrorBody);

    // A call begins with a chunk that has its name and no arguments yet; each fragment of them has a chunk of its own.
    private void WriteCalls(SseWriter writer, IReadOnlyList<ToolCallPiece> calls)
    {
        _choice.Delta.Content = _choice.Delta.ReasoningContent = null;
        foreach (var call in calls)
        {
            _choice.Delta.Role = Begin(_choice.Index);
            if (call.Name is not null)
            {
                WriteCall(writer, new ChunkToolCall(call.Index, call.Id, "function", new ChunkFunction(call.Name, "")));
                _choice.Delta.Role = null;
            }

            if (call.Arguments.Length > 0)
            {
                WriteCall(writer, new ChunkToolCall(call.Index, null, null, new ChunkFunction(null, call.Arguments)));
            }
        }

        _choice.Delta.ToolCalls = null;
    }

    private void WriteCall(SseWriter writer, ChunkToolCall call)
    {
        _choice.Delta.ToolCalls = [call];
        Write(writer);
        _choice.Logprobs = null;
    }

    private TextEvent NewTextEvent()
    {
        (_choice.Logprobs, _choice.Delta.Role, _choice.Delta.ReasoningContent, _choice.Delta.Content) = (null, null, null, "");
        return _usageChunk is not null
            ? TextEvent.Of(_usageChunk, OpenAIJsonContext.Default.ChatCompletionUsageChunk)
            : TextEvent.Of(_chunk, OpenAIJsonContext.Default.ChatCompletionChunk);
    }

    private string? Begin(int choice)
    {
        var first = !_begun[choice];
        _begun[choice] = true;
        return first ? "assistant" : null;
    }

    private void Write(SseWriter writer)
    {
        if (_usageChunk is not null)
        {
            writer.WriteEvent(_usageChunk, OpenAIJsonContext.Default.ChatCompletionUsageChunk);
        }
        else
        {
            writer.WriteEvent(_chunk, OpenAIJsonContext.Default.ChatCompletionChunk);
        }
    }
}
