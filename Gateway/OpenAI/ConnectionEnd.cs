using Microsoft.AspNetCore.Connections.Features;

namespace ComputeShare.Gateway.OpenAI;

internal static class ConnectionEnd
{
    /// <summary>
    /// After this answer the connection takes nothing more. Over HTTP/2 what else runs on it goes on, and what is left of this request's body
    /// ends with its stream.
    /// </summary>
    public static void CloseConnection(this HttpContext context)
    {
        if (HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
        else
        {
            context.Response.Headers.Connection = "close";
        }
    }
}
