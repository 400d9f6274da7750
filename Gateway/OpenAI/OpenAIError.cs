namespace ComputeShare.Gateway.OpenAI;

/// <summary>An error as OpenAI's SDKs expect it, with the status and headers it travels with.</summary>
/// <param name="Type">Such as <c>invalid_request_error</c>.</param>
/// <param name="Code">A string or null, never a number.</param>
/// <param name="Param">The request's field at fault.</param>
/// <param name="RetryAfter">When to try again.</param>
/// <param name="ShouldRetry">Overrides what an SDK does by status; null leaves it to the status.</param>
internal sealed record OpenAIError(
    int Status,
    string Type,
    string Message,
    string? Code = null,
    string? Param = null,
    TimeSpan? RetryAfter = null,
    bool? ShouldRetry = null)
{
    public const string InvalidRequest = "invalid_request_error";
    public const string Server = "server_error";

    public static OpenAIError Invalid(string message, string? param = null, string? code = null) =>
        new(StatusCodes.Status400BadRequest, InvalidRequest, message, code, param);

    public static OpenAIError Unsupported(string param) =>
        Invalid($"'{param}' is not supported here with this value.", param, "unsupported_parameter");

    public static OpenAIError ModelNotFound(string model) =>
        new(StatusCodes.Status404NotFound, InvalidRequest, $"The model '{model}' does not exist.", "model_not_found", "model");

    public static readonly OpenAIError MissingKey = new(StatusCodes.Status401Unauthorized, InvalidRequest,
        "You didn't provide an API key. Send it in the Authorization header: 'Authorization: Bearer YOUR_KEY'.");

    // One text for unknown, revoked, expired and malformed keys: which it is, is nobody's business.
    public static readonly OpenAIError InvalidKey = new(StatusCodes.Status401Unauthorized, InvalidRequest,
        "Incorrect API key provided.", "invalid_api_key");

    public static readonly OpenAIError Internal = new(StatusCodes.Status500InternalServerError, Server,
        "The server had an error while processing your request.");

    /// <summary>Something the gateway needs is away for the moment.</summary>
    public static readonly OpenAIError Unavailable = new(StatusCodes.Status503ServiceUnavailable, Server,
        "The service is not available at the moment. Try again shortly.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(1));

    /// <summary>The caller's own large requests, or everybody's together, take all the memory that there is for them.</summary>
    public static readonly OpenAIError TooManyBodies = new(StatusCodes.Status503ServiceUnavailable, Server,
        "Too many large requests are arriving at the moment. Try again shortly.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(5));

    public static OpenAIError ForStatus(int status) => status switch
    {
        StatusCodes.Status404NotFound => new(status, InvalidRequest, "Unknown request URL. Check the path.", "unknown_url"),
        StatusCodes.Status405MethodNotAllowed => new(status, InvalidRequest, "This URL does not accept this method.", "method_not_allowed"),
        StatusCodes.Status408RequestTimeout => new(status, InvalidRequest, "The request's body did not arrive in time."),
        StatusCodes.Status413PayloadTooLarge => new(status, InvalidRequest, "The request's body is too large; at most 32 MB are accepted, counted after decompression.", "request_too_large"),
        StatusCodes.Status415UnsupportedMediaType => new(status, InvalidRequest, "Send the body as 'Content-Type: application/json', without a Content-Encoding or with one of gzip, deflate and br.", "unsupported_media_type"),
        >= 400 and < 500 => new(status, InvalidRequest, "The request could not be read."),
        _ => Internal with { Status = status },
    };
}
