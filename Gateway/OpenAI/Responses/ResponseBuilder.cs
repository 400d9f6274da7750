using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.Gateway.OpenAI.Responses;

/// <summary>Makes the objects of one response: the same for its events and for the answer as a whole.</summary>
internal sealed class ResponseBuilder(CompletionContext context)
{
    public const string InProgress = "in_progress";
    public const string Completed = "completed";
    public const string Incomplete = "incomplete";
    public const string Failed = "failed";

    private readonly ResponseEcho _echo = context.Request.Echo!;

    /// <summary>An answer that was cut is incomplete, with its last item.</summary>
    public static string Status(string finishReason) =>
        finishReason is FinishReasons.Length or FinishReasons.ContentFilter ? Incomplete : Completed;

    public Response Begun() => Create(InProgress, []);

    public Response Ended(string finishReason, IReadOnlyList<ResponseItem> output, bool withServed) => Create(Status(finishReason), output) with
    {
        IncompleteDetails = finishReason switch
        {
            FinishReasons.Length => new IncompleteDetails("max_output_tokens"),
            FinishReasons.ContentFilter => new IncompleteDetails("content_filter"),
            _ => null,
        },
        Usage = Usage(),
        Computeshare = context.Note(withServed),
    };

    public Response Broken(OpenAIError error, IReadOnlyList<ResponseItem> output) => Create(Failed, output) with
    {
        Error = new ResponseFailure(error.Code ?? OpenAIError.Server, error.Message),
        Usage = Usage(),
    };

    public string ItemId(string prefix, int outputIndex) => $"{prefix}_{context.Id.Value}_{outputIndex}";

    public static ResponseItem Message(string id, string status, IReadOnlyList<ResponsePart> content) =>
        new() { Id = id, Type = "message", Status = status, Role = "assistant", Content = content };

    public static ResponseItem Thoughts(string id, string status, IReadOnlyList<ResponsePart> content) =>
        new() { Id = id, Type = "reasoning", Status = status, Summary = [], Content = content };

    public static ResponseItem Call(string id, string status, string callId, string name, string arguments) =>
        new() { Id = id, Type = "function_call", Status = status, CallId = callId, Name = name, Arguments = arguments };

    public static ResponsePart Text(string text, IReadOnlyList<TokenLogprobEntry> logprobs) =>
        new() { Type = "output_text", Text = text, Annotations = [], Logprobs = logprobs };

    public static ResponsePart Thought(string text) => new() { Type = "reasoning_text", Text = text };

    private ResponseUsage Usage()
    {
        var usage = context.Usage();
        return new ResponseUsage(usage.PromptTokens, usage.PromptTokensDetails, usage.CompletionTokens, usage.CompletionTokensDetails);
    }

    private Response Create(string status, IReadOnlyList<ResponseItem> output) => new()
    {
        Id = context.AnswerId,
        CreatedAt = context.Created,
        Status = status,
        Model = context.Request.Model,
        Output = output,
        Instructions = _echo.Instructions,
        MaxOutputTokens = _echo.MaxOutputTokens,
        ParallelToolCalls = _echo.ParallelToolCalls,
        Reasoning = _echo.Reasoning,
        Temperature = _echo.Temperature,
        TopP = _echo.TopP,
        Text = _echo.Text,
        ToolChoice = _echo.ToolChoice,
        Tools = _echo.Tools,
        Metadata = _echo.Metadata,
    };
}
