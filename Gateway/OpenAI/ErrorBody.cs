using System.Globalization;
using System.Text.Json.Serialization;

namespace ComputeShare.Gateway.OpenAI;

/// <summary><c>{"error":{…}}</c>: all four keys, always.</summary>
/// <param name="Computeshare">Beside the error, which stays as OpenAI's SDKs know it; null unless the caller asked for it.</param>
internal sealed record ErrorBody(ErrorDetail Error, ComputeShareNote? Computeshare)
{
    public static ErrorBody Of(OpenAIError error, ComputeShareNote? note = null) =>
        new(new ErrorDetail(error.Message, error.Type, error.Param, error.Code), note);
}

internal sealed record ErrorDetail(
    string Message,
    string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);

internal static class ErrorResponse
{
    /// <summary>Writes the error as the whole response; the response must not have started.</summary>
    public static async Task WriteErrorAsync(this HttpContext context, OpenAIError error, ComputeShareNote? note = null)
    {
        var response = context.Response;
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        if (error.RetryAfter is { } after)
        {
            // Whole seconds, rounded up: never earlier than it makes sense. OpenAI's SDKs read the milliseconds first.
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            response.Headers["retry-after-ms"] = Math.Max(1, (long)Math.Ceiling(after.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (error.ShouldRetry is { } retry)
        {
            response.Headers["x-should-retry"] = retry ? "true" : "false";
        }

        await OpenAIJson.WriteAsync(response.BodyWriter, ErrorBody.Of(error, note), OpenAIJsonContext.Default.ErrorBody, context.RequestAborted);
    }
}
