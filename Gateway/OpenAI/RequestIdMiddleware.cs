using ComputeShare.Contracts;
using Microsoft.AspNetCore.Http.Features;

namespace ComputeShare.Gateway.OpenAI;

internal static class RequestIdMiddleware
{
    /// <summary>Gives every request its id, and every response <c>x-request-id</c>, errors and streams too.</summary>
    public static WebApplication UseRequestIds(this WebApplication app)
    {
        var clock = app.Services.GetRequiredService<TimeProvider>();
        app.Use((context, next) =>
        {
            var id = Contracts.RequestId.New(clock);
            context.Features.Set(new RequestIdFeature(id));
            context.Response.Headers["x-request-id"] = $"req_{id.Value}";
            return next(context);
        });
        return app;
    }

    public static RequestId RequestId(this HttpContext context) => context.Features.GetRequiredFeature<RequestIdFeature>().Id;
}

internal sealed record RequestIdFeature(RequestId Id);
