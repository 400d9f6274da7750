using System.IO.Pipelines;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.Gateway.OpenAI.TextCompletions;

/// <summary>A text completion that was not streamed.</summary>
internal sealed class TextCompletionObject(CompletionContext context) : IObjectFormat
{
    public Task WriteAsync(PipeWriter output, IReadOnlyList<CollectedChoice> choices, CancellationToken cancellationToken)
    {
        var answer = new TextCompletionWithUsage
        {
            Id = context.AnswerId,
            Created = context.Created,
            Model = context.Request.Model,
            Choices = [.. choices.Select(Choice)],
            Usage = context.Usage(),
            Computeshare = context.Note(withServed: false),
        };
        return OpenAIJson.WriteAsync(output, answer, OpenAIJsonContext.Default.TextCompletionWithUsage, cancellationToken);
    }

    private TextChoice Choice(CollectedChoice choice, int index)
    {
        var offset = 0;
        return new TextChoice
        {
            Text = choice.Reasoning + choice.Content,
            Index = index,
            Logprobs = context.Request.Logprobs ? TextLogprobs.Of(choice.Logprobs, ref offset) : null,
            FinishReason = choice.FinishReason,
        };
    }
}
