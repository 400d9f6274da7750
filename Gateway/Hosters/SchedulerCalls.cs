using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Sessions;
using Grpc.Core;

namespace ComputeShare.Gateway.Hosters;

/// <summary>The Scheduler's rare calls.</summary>
internal sealed class SchedulerCalls(SchedulerSessions schedulers)
{
    /// <param name="key">Whose matter it is: all gateways ask the same Scheduler for it, and tell the same.</param>
    /// <param name="ask">The call.</param>
    /// <param name="cancellationToken">The caller has left.</param>
    /// <exception cref="SessionLostException">The Scheduler, or Redis behind it, is away.</exception>
    public async Task<T> AskAsync<T>(
        string key, Func<Scheduler.SchedulerClient, CallOptions, AsyncUnaryCall<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(schedulers.Client(key), new CallOptions(cancellationToken: cancellationToken));
        }
        catch (RpcException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SessionLostException("scheduler", error.StatusCode.ToString());
        }
    }
}
