using ComputeShare.Billing.Persistence;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace ComputeShare.Billing.Sessions;

/// <summary>A unary call that the database fails ends as Unavailable, without the database's words.</summary>
internal sealed class DatabaseAwayInterceptor(ILogger<DatabaseAwayInterceptor> logger) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception error) when (DatabaseFaults.IsOfTheDatabase(error))
        {
            SessionLog.CallFailed(logger, context.Method, error);
            throw new RpcException(new Status(StatusCode.Unavailable, "Billing's database does not answer."));
        }
    }
}
