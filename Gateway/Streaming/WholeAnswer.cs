using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Streaming;

/// <summary>An answer in one JSON object. Nothing leaves before the end, so that another node can start over at any time.</summary>
internal sealed class WholeAnswer(CompletionContext context) : ICompletionAnswer
{
    private readonly CollectedChoice[] _choices = [.. Enumerable.Range(0, (int)context.Request.Choices).Select(_ => new CollectedChoice())];

    public bool ContentSent => false;

    public bool HasUnflushed { get; private set; }

    public void BeginAttempt()
    {
        foreach (var choice in _choices)
        {
            choice.Clear();
        }
    }

    public ValueTask WriteAsync(TextPiece piece)
    {
        _choices[piece.Choice].Add(piece);
        HasUnflushed = true;
        return ValueTask.CompletedTask;
    }

    /// <summary>What the gateway has read counts as delivered; when the client leaves it stops reading.</summary>
    public ValueTask<CompletionOutcome?> FlushAsync()
    {
        HasUnflushed = false;
        return new((CompletionOutcome?)null);
    }

    public async Task FinishAsync(IReadOnlyList<ChoiceText> choices)
    {
        for (var index = 0; index < choices.Count; index++)
        {
            _choices[index].FinishReason = choices[index].FinishReason!;
        }

        context.AnswerLeaves = true;
        var http = context.Http;
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = "application/json";
        context.WriteServedHeaders();
        await context.Request.Operation.Whole(context).WriteAsync(http.Response.BodyWriter, _choices, http.RequestAborted);
    }

    public async Task FailAsync(CompletionOutcome outcome)
    {
        if (outcome.Error is { } error && !context.Http.Response.HasStarted)
        {
            context.WriteServedHeaders();
            await context.Http.WriteErrorAsync(error, context.ErrorNote());
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
