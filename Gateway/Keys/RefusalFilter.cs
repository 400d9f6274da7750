using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Sessions;

namespace ComputeShare.Gateway.Keys;

/// <summary>What a handler cannot do, as OpenAI's error object.</summary>
internal sealed class RefusalFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (RequestRefusedException refused)
        {
            await context.HttpContext.WriteErrorAsync(refused.Error);
        }
        catch (SessionLostException)
        {
            await context.HttpContext.WriteErrorAsync(OpenAIError.Unavailable);
        }

        return TypedResults.Empty;
    }
}
