using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Idempotency;

/// <summary>SDKs retry a 409 by themselves: x-should-retry says where that makes no sense.</summary>
internal static class IdempotencyErrors
{
    public static readonly OpenAIError KeyMalformed = OpenAIError.Invalid(
        "The Idempotency-Key header must have 1 to 255 printable ASCII characters.", code: "invalid_idempotency_key");

    public static readonly OpenAIError InFlight = Conflict(
        "A request with this Idempotency-Key is still being answered.", "idempotency_key_in_use", retry: true) with
    { RetryAfter = TimeSpan.FromSeconds(1) };

    public static readonly OpenAIError OtherBody = Conflict(
        "This Idempotency-Key was used with another request.", "idempotency_key_reused", retry: false);

    public static OpenAIError NotKept(string requestId) => Conflict(
        $"The request with this Idempotency-Key has ended, and its answer is not there any more. What it cost: /v1/generations/{requestId}.",
        "idempotency_answer_not_kept",
        retry: false);

    private static OpenAIError Conflict(string message, string code, bool retry) =>
        new(StatusCodes.Status409Conflict, OpenAIError.InvalidRequest, message, code, ShouldRetry: retry);
}
