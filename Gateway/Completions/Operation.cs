using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.OpenAI.Chat;
using ComputeShare.Gateway.OpenAI.Embeddings;
using ComputeShare.Gateway.OpenAI.Responses;
using ComputeShare.Gateway.OpenAI.TextCompletions;
using ComputeShare.Gateway.Streaming;
using Google.Protobuf;

namespace ComputeShare.Gateway.Completions;

/// <summary>What differs between the operations that nodes serve; the way of a request is the same for all.</summary>
/// <param name="Name">As in <c>GenerationRecord.operation</c>.</param>
/// <param name="SpanName">As OpenTelemetry's <c>gen_ai.operation.name</c>.</param>
/// <param name="IdPrefix">Of the answer's id; the rest is the request's id.</param>
/// <param name="PromptParam">The field that has the prompt.</param>
/// <param name="SetWork">Puts the body into a node's job.</param>
/// <param name="Events">How the answer is written as a stream.</param>
/// <param name="Whole">How the answer is written as one object.</param>
internal sealed record Operation(
    string Name,
    string SpanName,
    string IdPrefix,
    string PromptParam,
    Action<GenerateRequest, ByteString> SetWork,
    Func<CompletionContext, IEventFormat> Events,
    Func<CompletionContext, IObjectFormat> Whole)
{
    public static readonly Operation Chat = new(
        "chat",
        "chat",
        "chatcmpl-",
        "messages",
        static (job, body) => job.Chat = new ChatWork { Body = body },
        static context => new ChatEvents(context),
        static context => new ChatObject(context));

    public static readonly Operation TextCompletion = new(
        "completion",
        "text_completion",
        "cmpl-",
        "prompt",
        static (job, body) => job.Completion = new CompletionWork { Body = body },
        static context => new TextCompletionEvents(context),
        static context => new TextCompletionObject(context));

    /// <summary>Its answer has no id, so that it goes by the one in <c>x-request-id</c>; it is never streamed.</summary>
    public static readonly Operation Embedding = new(
        "embedding",
        "embeddings",
        "req_",
        "input",
        static (job, body) => job.Embedding = new EmbeddingWork { Body = body },
        static _ => throw new NotSupportedException("Embeddings are not streamed."),
        static context => new EmbeddingObject(context));

    /// <summary>To a node it is a chat.</summary>
    public static readonly Operation Response = new(
        "response",
        "chat",
        "resp_",
        "input",
        static (job, body) => job.Chat = new ChatWork { Body = body },
        static context => new ResponseEvents(context),
        static context => new ResponseObject(context));

    public override string ToString() => Name;
}
