using ComputeShare.Contracts.Scheduling;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Queueing;

/// <summary>
/// Where requests wait for a slot, in order of arrival: whenever one may be free, each is tried in turn, so that a request for a model
/// whose nodes are busy does not hold up those behind it.
/// </summary>
internal sealed class WaitingRoom(CapacitySignal capacity, IOptions<QueueOptions> options, TimeProvider clock) : BackgroundService
{
    // Leases that expire are announced by nobody.
    private static readonly TimeSpan LookAtLeastEvery = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiters = new();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _waiters.Count;
            }
        }
    }

    /// <summary>Somebody who came before waits for one of these models: a newcomer for them has to queue up.</summary>
    public bool AnyoneWaitsFor(IReadOnlyCollection<string> models)
    {
        lock (_lock)
        {
            return _waiters.Count > 0 && _waiters.Any(waiter => waiter.Models.Any(models.Contains));
        }
    }

    /// <summary>Adds a waiter at the end, and has the room looked through once. False when it is full.</summary>
    public bool TryEnter(Waiter waiter)
    {
        lock (_lock)
        {
            if (_waiters.Count >= options.Value.Limit)
            {
                return false;
            }

            _waiters.AddLast(waiter);
        }

        capacity.Raise();
        return true;
    }

    /// <summary>Waits for the waiter's end, at most so long. The waiter has left the room afterwards.</summary>
    /// <param name="waiter">In the room.</param>
    /// <param name="atMost">Null comes back after it.</param>
    /// <param name="cancellationToken">Null comes back when it fires, unless the waiter was served already.</param>
    public async Task<Reserved?> WaitAsync(Waiter waiter, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var timer = clock.CreateTimer(state => ((Waiter)state!).Leave(), waiter, atMost, Timeout.InfiniteTimeSpan);
        using var cancelled = cancellationToken.UnsafeRegister(state => ((Waiter)state!).Leave(), waiter);
        try
        {
            return await waiter.End;
        }
        finally
        {
            lock (_lock)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var tick = clock.CreateTimer(_ => RaiseIfAnybodyWaits(), null, LookAtLeastEvery, LookAtLeastEvery);
        while (true)
        {
            await capacity.WaitAsync(stoppingToken);
            foreach (var waiter in Snapshot())
            {
                if (!waiter.HasEnded)
                {
                    await waiter.TryAgainAsync();
                }
            }
        }
    }

    private void RaiseIfAnybodyWaits()
    {
        if (Count > 0)
        {
            capacity.Raise();
        }
    }

    private Waiter[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _waiters];
        }
    }
}
