using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.Gateway.OpenAI.TextCompletions;

/// <summary>A text completion's events, all with one instance.</summary>
internal sealed class TextCompletionEvents : IEventFormat
{
    private readonly CompletionContext _context;
    private readonly TextCompletion _chunk;
    private readonly TextCompletionWithUsage? _usageChunk;
    private readonly TextChoice _choice = new();
    private readonly int[] _offsets;

    public TextCompletionEvents(CompletionContext context)
    {
        _context = context;
        _offsets = new int[context.Request.Choices];
        var (id, model) = (context.AnswerId, context.Request.Model);
        _usageChunk = context.Request.IncludeUsage ? new TextCompletionWithUsage { Id = id, Created = context.Created, Model = model } : null;
        _chunk = _usageChunk ?? new TextCompletion { Id = id, Created = context.Created, Model = model };
        _chunk.Choices = [_choice];
    }

    public void WritePiece(SseWriter writer, in TextPiece piece)
    {
        _choice.Index = piece.Choice;
        // A prompt without messages has no place of its own for thoughts.
        _choice.Text = piece.Reasoning.Length == 0 ? piece.Content : piece.Reasoning + piece.Content;
        _choice.Logprobs = _context.Request.Logprobs ? TextLogprobs.Of(piece.Logprobs ?? [], ref _offsets[piece.Choice]) : null;
        Write(writer);
    }

    public void WriteEnd(SseWriter writer, IReadOnlyList<ChoiceText> choices, bool openedEarly)
    {
        _choice.Text = "";
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

    private void Write(SseWriter writer)
    {
        if (_usageChunk is not null)
        {
            writer.WriteEvent(_usageChunk, OpenAIJsonContext.Default.TextCompletionWithUsage);
        }
        else
        {
            writer.WriteEvent(_chunk, OpenAIJsonContext.Default.TextCompletion);
        }
    }
}
