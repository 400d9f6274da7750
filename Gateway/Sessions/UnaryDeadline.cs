using Grpc.Core;
using Grpc.Core.Interceptors;

namespace ComputeShare.Gateway.Sessions;

/// <summary>A rare call that names no deadline gets this one, so that no caller waits for a replica that hangs. Sessions have none.</summary>
internal sealed class UnaryDeadline(TimeSpan limit, TimeProvider clock) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var options = context.Options.Deadline is null ? context.Options.WithDeadline(clock.GetUtcNow().UtcDateTime + limit) : context.Options;
        return continuation(request, new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, options));
    }
}
