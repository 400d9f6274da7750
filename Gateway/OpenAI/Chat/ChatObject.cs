using System.IO.Pipelines;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.Gateway.OpenAI.Chat;

/// <summary>A chat completion that was not streamed (WIRE 27-30).</summary>
internal sealed class ChatObject(CompletionContext context) : IObjectFormat
{
    public Task WriteAsync(PipeWriter output, IReadOnlyList<CollectedChoice> choices, CancellationToken cancellationToken)
    {
        var answer = new ChatCompletion(
            context.AnswerId,
            context.Created,
            context.Request.Model,
            [.. choices.Select(Choice)],
            context.Usage(),
            context.Note(withServed: false));
        return OpenAIJson.WriteAsync(output, answer, OpenAIJsonContext.Default.ChatCompletion, cancellationToken);
    }

    private ChatChoice Choice(CollectedChoice choice, int index) => new(
        index,
        Message(choice),
        context.Request.Logprobs ? ChoiceLogprobs.Of(choice.Logprobs) : null,
        choice.FinishReason);

    private static ChatMessage Message(CollectedChoice choice) => new(
        "assistant",
        choice.Content is { Length: 0 } && choice.ToolCalls.Count > 0 ? null : choice.Content,
        Refusal: null,
        choice.Reasoning is { Length: > 0 } reasoning ? reasoning : null,
        choice.ToolCalls.Count == 0 ? null : [.. choice.ToolCalls.Select(call => new ChatToolCall(call.Id, new ChatFunctionCall(call.Name, call.Arguments)))]);
}
