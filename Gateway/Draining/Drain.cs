using ComputeShare.Gateway.OpenAI;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.ServiceDefaults.Tunnels;

namespace ComputeShare.Gateway.Draining;

/// <summary>The requests that run, and the door that is closed to new ones once the gateway is told to stop.</summary>
internal sealed class Drain
{
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private volatile bool _draining;

    public bool IsDraining => _draining;

    public int Running => Volatile.Read(ref _running);

    /// <summary>From now on nothing new is taken.</summary>
    /// <returns>Completes when nothing runs any more.</returns>
    public Task Begin()
    {
        _draining = true;
        Enter().Dispose();
        return _empty.Task;
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        // A probe is no work, and a tunnel is there for the work of others.
        if (context.PortRole() == PortRole.Health)
        {
            await next(context);
            return;
        }

        // Counted first: a request that came in just before is waited for.
        using var work = Enter();
        if (_draining && context.PortRole() == PortRole.Public)
        {
            // The client's next connection is another gateway's.
            context.CloseConnection();
            await context.WriteErrorAsync(OpenAIError.Unavailable);
            return;
        }

        if (context.Request.Path == TunnelHeaders.Route)
        {
            work.Dispose();
        }

        await next(context);
    }

    /// <summary>Work that is to be finished before the gateway stops, such as what is left of a request behind its answer.</summary>
    /// <returns>To be disposed of at its end; more than once does no harm.</returns>
    public IDisposable Enter()
    {
        Interlocked.Increment(ref _running);
        return new Work(this);
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _running) == 0 && _draining)
        {
            _empty.TrySetResult();
        }
    }

    private sealed class Work(Drain drain) : IDisposable
    {
        private bool _hasEnded;

        public void Dispose()
        {
            if (!Interlocked.Exchange(ref _hasEnded, true))
            {
                drain.Leave();
            }
        }
    }
}
