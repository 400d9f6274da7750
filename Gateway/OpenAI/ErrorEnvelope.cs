namespace ComputeShare.Gateway.OpenAI;

internal static class ErrorEnvelope
{
    /// <summary>Turns what the framework or a defect ends with into OpenAI's error object: no HTML, no empty body, no internals.</summary>
    public static WebApplication UseErrorEnvelope(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ComputeShare.Gateway.OpenAI");
        app.Use((context, next) => RunAsync(context, next, logger));
        return app;
    }

    private static async Task RunAsync(HttpContext context, RequestDelegate next, ILogger logger)
    {
        var id = context.RequestId();
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
            {
                await context.WriteErrorAsync(OpenAIError.ForStatus(context.Response.StatusCode));
            }
        }
        catch (BadHttpRequestException refused) when (!context.Response.HasStarted)
        {
            await context.WriteErrorAsync(OpenAIError.ForStatus(refused.StatusCode));
        }
        catch (Exception error) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told.
            OpenAILog.ClientGone(logger, id, error);
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            OpenAILog.Failed(logger, id, error);
            await context.WriteErrorAsync(OpenAIError.Internal);
        }
    }
}
