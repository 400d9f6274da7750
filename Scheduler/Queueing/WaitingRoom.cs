using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Placement;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Queueing;

/// <summary>
/// Where requests wait for a slot, in the order of <see cref="FairQueue"/>: whenever one may be free, each is tried in turn, so that a
/// request for a model whose nodes are busy does not hold up those behind it.
/// </summary>
internal sealed class WaitingRoom(CapacitySignal capacity, IOptions<QueueOptions> options, TimeProvider clock) : BackgroundService
{
    // Leases that expire are announced by nobody.
    private static readonly TimeSpan LookAtLeastEvery = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly FairQueue _queue = new();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>
    /// Somebody who came before waits for one of these models: a newcomer for them has to queue up. Whoever asks for <c>auto</c> may wait
    /// for any.
    /// </summary>
    public bool AnyoneWaitsFor(IReadOnlyCollection<string> models)
    {
        lock (_lock)
        {
            return _queue.Count > 0 && _queue.All.Any(waiter =>
                waiter.Models.Any(models.Contains) || waiter.Models.Contains(PlacementQuestion.Auto) || models.Contains(PlacementQuestion.Auto));
        }
    }

    /// <summary>
    /// Adds a waiter, and has the room looked through once. When it is full, the account that has most in it makes room for one that has
    /// less; false when there is none.
    /// </summary>
    public bool TryEnter(Waiter waiter)
    {
        Waiter? sentAway = null;
        lock (_lock)
        {
            if (_queue.Count >= options.Value.Limit)
            {
                sentAway = _queue.WhoMakesRoomFor(waiter.AccountId);
                if (sentAway is null)
                {
                    return false;
                }

                _queue.Remove(sentAway, served: false);
            }

            _queue.Add(waiter);
        }

        sentAway?.SendAway();
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
            Remove(waiter);
        }
    }

    /// <summary>Tries each that is in the room now, in turn. One at a time.</summary>
    public async Task LookThroughAsync()
    {
        foreach (var waiter in InOrder())
        {
            if (!waiter.HasEnded)
            {
                await waiter.TryAgainAsync();
            }

            // At once, and not when its request goes on: the next order counts what it was given.
            if (waiter.HasEnded)
            {
                Remove(waiter);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var tick = clock.CreateTimer(_ => RaiseIfAnybodyWaits(), null, LookAtLeastEvery, LookAtLeastEvery);
        while (true)
        {
            await capacity.WaitAsync(stoppingToken);
            await LookThroughAsync();
        }
    }

    private void RaiseIfAnybodyWaits()
    {
        if (Count > 0)
        {
            capacity.Raise();
        }
    }

    private void Remove(Waiter waiter)
    {
        lock (_lock)
        {
            _queue.Remove(waiter, waiter.WasServed);
        }
    }

    private Waiter[] InOrder()
    {
        lock (_lock)
        {
            return _queue.InOrder();
        }
    }
}
