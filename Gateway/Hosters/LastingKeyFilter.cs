using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Hosters;

/// <summary>
/// A key that ends by itself makes and ends no keys: else it would outlive its end. So a hoster can give its nodes keys that are good for
/// nothing but hosting.
/// </summary>
internal sealed class LastingKeyFilter : IEndpointFilter
{
    private static readonly OpenAIError EndsByItself = new(
        StatusCodes.Status403Forbidden, OpenAIError.InvalidRequest, "A key that ends by itself cannot change keys: use one without an end.", "insufficient_permissions");

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        return HttpMethods.IsGet(http.Request.Method) || http.Caller().Record.ValidForMs == 0
            ? next(context)
            : throw new RequestRefusedException(EndsByItself);
    }
}
