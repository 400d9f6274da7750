using System.Diagnostics;
using System.Globalization;
using ComputeShare.Contracts;
using Microsoft.AspNetCore.Http.Features;

namespace ComputeShare.Gateway.OpenAI;

internal static class RequestIdMiddleware
{
    private const string ClientRequestId = "X-Client-Request-Id";

    // As OpenAI documents it.
    private const int MostClientIdCharacters = 512;

    /// <summary>Gives every request its id, and every response <c>x-request-id</c> and how long it took, errors and streams too.</summary>
    public static WebApplication UseRequestIds(this WebApplication app)
    {
        var clock = app.Services.GetRequiredService<TimeProvider>();
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ComputeShare.Gateway.OpenAI");
        app.Use((context, next) =>
        {
            var id = Contracts.RequestId.New(clock);
            context.SetRequestId(id);
            NoteClientRequestId(context, id, logger);
            var arrived = clock.GetTimestamp();
            context.Response.OnStarting(() =>
            {
                var milliseconds = (long)clock.GetElapsedTime(arrived).TotalMilliseconds;
                context.Response.Headers["openai-processing-ms"] = milliseconds.ToString(CultureInfo.InvariantCulture);
                return Task.CompletedTask;
            });
            return next(context);
        });
        return app;
    }

    public static RequestId RequestId(this HttpContext context) => context.Features.GetRequiredFeature<RequestIdFeature>().Id;

    /// <summary>Also for a request that takes over the id of an earlier one.</summary>
    public static void SetRequestId(this HttpContext context, RequestId id)
    {
        context.Features.Set(new RequestIdFeature(id));
        context.Response.Headers["x-request-id"] = $"req_{id.Value}";
    }

    /// <summary>What the caller calls it: for who searches the logs, and trusted in nothing.</summary>
    private static void NoteClientRequestId(HttpContext context, RequestId id, ILogger logger)
    {
        if (context.Request.Headers[ClientRequestId] is [{ Length: > 0 and <= MostClientIdCharacters } given] && given.All(IsPrintable))
        {
            Activity.Current?.SetTag("computeshare.client_request_id", given);
            OpenAILog.ClientRequestId(logger, id, given);
        }
    }

    private static bool IsPrintable(char character) => character is > ' ' and < '\u007f';

    private sealed record RequestIdFeature(RequestId Id);
}
