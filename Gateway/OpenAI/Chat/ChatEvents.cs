using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.Gateway.OpenAI.Chat;

/// <summary>A chat completion's chunks, all with one instance (WIRE 33-38).</summary>
internal sealed class ChatEvents : IEventFormat
{
    private readonly CompletionContext _context;
    private readonly ChatCompletionChunk _chunk;
    private readonly ChatCompletionUsageChunk? _usageChunk;
    private readonly bool[] _begun;

    public ChatEvents(CompletionContext context)
    {
        _context = context;
        _begun = new bool[context.Request.Choices];
        var id = context.AnswerId;
        _usageChunk = context.Request.IncludeUsage
            ? new ChatCompletionUsageChunk { Id = id, Created = context.Created, Model = context.Request.Model }
            : null;
        _chunk = _usageChunk ?? new ChatCompletionChunk { Id = id, Created = context.Created, Model = context.Request.Model };
        _chunk.Choices = [new ChunkChoice()];
    }

    public void WritePiece(SseWriter writer, in TextPiece piece)
    {
        var choice = _chunk.Choices[0];
        choice.Index = piece.Choice;
        choice.Delta.Role = Begin(piece.Choice);
        choice.Delta.Content = piece.Content.Length > 0 || choice.Delta.Role is not null ? piece.Content : null;
        choice.Delta.ReasoningContent = piece.Reasoning.Length > 0 ? piece.Reasoning : null;
        choice.Logprobs = _context.Request.Logprobs ? ChoiceLogprobs.Of(piece.Logprobs) : null;
        Write(writer);
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

        var choice = _chunk.Choices[0];
        choice.Delta.Role = choice.Delta.Content = choice.Delta.ReasoningContent = null;
        choice.Logprobs = null;
        for (var index = 0; index < choices.Count; index++)
        {
            choice.Index = index;
            choice.FinishReason = choices[index].FinishReason;
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
