using System.Net;
using System.Text.Json;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.OpenAI.Requests;

namespace ComputeShare.HosterNode.Engines.OpenAI.Streaming;

/// <summary>What an engine's failures mean. Its own texts are read, never handed on: they may quote the prompt.</summary>
internal static class EngineFailures
{
    private static readonly string[] OverflowNames = ["exceed_context_size_error", "context_length_exceeded"];

    // vLLM, SGLang and others have no name for it, only words.
    private static readonly string[] OverflowWords =
    [
        "context length", "context size", "context window", "maximum context", "maximum model length", "maximum allowed length", "`inputs` tokens", "`inputs` must have less",
    ];

    private static readonly string[] NoModelWords = ["not found", "does not exist", "not loaded", "no models loaded", "failed to load"];

    /// <summary>The engine is away, or went away within the stream.</summary>
    public static EngineException Lost() => new(FailureKind.EngineLost, Fault.Node, retryable: true, "The engine is away.");

    /// <summary>What was caught means that the engine is away.</summary>
    public static bool IsLoss(Exception error, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && error is HttpRequestException or IOException or OperationCanceledException;

    /// <summary>What came is not what the API says.</summary>
    public static EngineException Malformed() => Broken("The engine's answer makes no sense.");

    /// <summary>An answer with another status than 200.</summary>
    public static EngineException OfStatus(HttpStatusCode status, JsonElement body, IEngineRequest work)
    {
        var error = ErrorIn(body);
        return (int)status switch
        {
            400 or 413 or 422 when IsOverflow(error) => Overflow(error, work),
            400 or 404 when IsOfModel(error) => EngineException.NotServed(),
            400 or 413 or 422 or 501 => EngineException.Unsupported("The engine does not take the request.", Param(error, work)),
            // llama.cpp's way to say that it was started without templates for tools.
            500 when WordsOf(error).Contains("--jinja", StringComparison.Ordinal) => EngineException.Unsupported("The engine calls no tools.", "tools"),
            429 or 503 => Busy(),
            _ => Broken("The engine failed."),
        };
    }

    /// <summary>
    /// The failure that an event of a stream tells; null when it tells none. Some engines say 200 before they have looked at the request: as
    /// long as nothing has come, the event's code is what the status would have been.
    /// </summary>
    public static EngineException? OfEvent(JsonElement chunk, bool isErrorEvent, bool hasContent, IEngineRequest work)
    {
        var error = ErrorIn(chunk);
        return !isErrorEvent && !error.IsSet() ? null
            : !hasContent && CodeOf(error, chunk) is { } code ? OfStatus((HttpStatusCode)code, chunk, work)
            : IsOverflow(error) ? Overflow(error, work)
            : Broken("The engine failed.");
    }

    private static int? CodeOf(JsonElement error, JsonElement chunk) => error.Get("code").Count() ?? chunk.Get("code").Count();

    private static JsonElement ErrorIn(JsonElement body) => body.Get("error") is var error && error.IsSet()
        ? error
        : body.Get("object").Text() == "error" ? body : default;

    private static bool IsOverflow(JsonElement error)
    {
        var words = WordsOf(error);
        return OverflowNames.Contains(error.Get("type").Text())
            || OverflowNames.Contains(error.Get("code").Text())
            || OverflowWords.Any(word => words.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsOfModel(JsonElement error)
    {
        var words = WordsOf(error);
        return error.Get("code").Text() == "model_not_found"
            || (words.Contains("model", StringComparison.OrdinalIgnoreCase) && NoModelWords.Any(word => words.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }

    private static EngineException Overflow(JsonElement error, IEngineRequest work)
    {
        var context = error.Get("n_ctx").Count() ?? work.ContextLength;
        return new EngineException(
            FailureKind.Overflow,
            Fault.Request,
            retryable: false,
            error.Get("n_prompt_tokens").Count() is { } prompt
                ? $"The prompt ({prompt} tokens) does not fit this model's context of {context} tokens."
                : $"The prompt and max_tokens do not fit this model's context of {context} tokens.",
            work.PromptField);
    }

    private static EngineException Busy() => new(FailureKind.Busy, Fault.Nobody, retryable: true, "The engine is busy.");

    private static EngineException Broken(string message) => new(FailureKind.EngineError, Fault.Node, retryable: true, message);

    private static string WordsOf(JsonElement error) => error.ValueKind == JsonValueKind.String ? error.Text() : error.Get("message").Text();

    /// <summary>The field that the engine says is at fault, else one of those sent that its sentence names.</summary>
    private static string Param(JsonElement error, IEngineRequest work)
    {
        var said = error.Get("param").Text().Split('.', '[')[0];
        if (said == work.PromptField || work.Fields.Contains(said))
        {
            return said;
        }

        var words = WordsOf(error).Replace("tool choice", "tool_choice", StringComparison.OrdinalIgnoreCase);
        return work.Fields.OrderByDescending(field => field.Length).FirstOrDefault(field => words.Contains(field, StringComparison.OrdinalIgnoreCase)) ?? "";
    }
}
