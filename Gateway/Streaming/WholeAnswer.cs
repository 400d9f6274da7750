using System.Text;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Streaming;

/// <summary>An answer in one JSON object. Nothing leaves before the end, so that another node can start over at any time.</summary>
internal sealed class WholeAnswer(CompletionContext context) : ICompletionAnswer
{
    private readonly ChoiceBuffer[] _choices = [.. Enumerable.Range(0, (int)context.Request.Choices).Select(_ => new ChoiceBuffer())];

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
        var choice = _choices[piece.Choice];
        choice.Content.Append(piece.Content);
        choice.Reasoning.Append(piece.Reasoning);
        choice.Logprobs.AddRange(piece.Logprobs ?? []);
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
        context.AnswerLeaves = true;
        var http = context.Http;
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = "application/json";
        context.WriteServedHeaders();
        var answer = new ChatCompletion(
            context.Id.CompletionId,
            context.Created,
            context.Request.Model,
            [.. choices.Select((choice, index) => _choices[index].ToChoice(index, choice.FinishReason!, context.Request.Logprobs))],
            context.Usage(),
            context.Note(withServed: false));
        await OpenAIJson.WriteAsync(http.Response.BodyWriter, answer, OpenAIJsonContext.Default.ChatCompletion, http.RequestAborted);
    }

    public async Task FailAsync(CompletionOutcome outcome)
    {
        if (outcome.Error is { } error && !context.Http.Response.HasStarted)
        {
            context.WriteServedHeaders();
            await context.Http.WriteErrorAsync(error);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class ChoiceBuffer
    {
        public StringBuilder Content { get; } = new();

        public StringBuilder Reasoning { get; } = new();

        public List<TokenLogprob> Logprobs { get; } = [];

        public void Clear()
        {
            Content.Clear();
            Reasoning.Clear();
            Logprobs.Clear();
        }

        public ChatChoice ToChoice(int index, string finishReason, bool withLogprobs) => new(
            index,
            new ChatMessage("assistant", Content.ToString(), Refusal: null, Reasoning.Length > 0 ? Reasoning.ToString() : null),
            withLogprobs ? Streaming.Logprobs.Of(Logprobs) : null,
            finishReason);
    }
}
