using System.IO.Pipelines;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.Gateway.OpenAI.Responses;

/// <summary>A response that was not streamed: thoughts, message, calls, as far as there are some.</summary>
internal sealed class ResponseObject(CompletionContext context) : IObjectFormat
{
    private readonly ResponseBuilder _builder = new(context);

    public Task WriteAsync(PipeWriter output, IReadOnlyList<CollectedChoice> choices, CancellationToken cancellationToken)
    {
        var choice = choices[0];
        var response = _builder.Ended(choice.FinishReason, Items(choice), withServed: false);
        return OpenAIJson.WriteAsync(output, response, OpenAIJsonContext.Default.Response, cancellationToken);
    }

    private List<ResponseItem> Items(CollectedChoice choice)
    {
        var status = ResponseBuilder.Status(choice.FinishReason);
        var items = new List<ResponseItem>();
        if (choice.Reasoning is { Length: > 0 } reasoning)
        {
            items.Add(ResponseBuilder.Thoughts(_builder.ItemId("rs", 0), status, [ResponseBuilder.Thought(reasoning)]));
        }

        // An answer without any item would be none.
        if (choice.Content is { Length: > 0 } || (items.Count == 0 && choice.ToolCalls.Count == 0))
        {
            var text = ResponseBuilder.Text(choice.Content, context.Request.Logprobs ? TokenLogprobEntry.Of(choice.Logprobs) : []);
            items.Add(ResponseBuilder.Message(_builder.ItemId("msg", items.Count), status, [text]));
        }

        foreach (var call in choice.ToolCalls)
        {
            items.Add(ResponseBuilder.Call(_builder.ItemId("fc", items.Count), status, call.Id, call.Name, call.Arguments));
        }

        return items;
    }
}
