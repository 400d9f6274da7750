using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Scheduler.Queueing;

/// <summary>One waiting request. It ends once: served, failed, or left.</summary>
/// <param name="accountId">Whose it is.</param>
/// <param name="slots">What it asks for.</param>
/// <param name="models">Names of the models asked for.</param>
/// <param name="tryAgain">Tries to place the request; null when there is still no slot for it.</param>
/// <param name="giveBack">Takes back a lease that came too late; does not throw.</param>
internal sealed class Waiter(
    string accountId, int slots, IReadOnlyCollection<string> models, Func<Task<Reserved?>> tryAgain, Func<Reserved, Task> giveBack)
{
    private readonly TaskCompletionSource<Reserved?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string AccountId => accountId;

    public int Slots => slots;

    public IReadOnlyCollection<string> Models => models;

    /// <summary>Its number among all that came; the queue's.</summary>
    public long Arrival { get; set; }

    /// <summary>It had to make room for a request of an account that has fewer waiting.</summary>
    public bool WasSentAway { get; private set; }

    public bool HasEnded => _end.Task.IsCompleted;

    public bool WasServed { get; private set; }

    /// <summary>Null when the wait was over first.</summary>
    public Task<Reserved?> End => _end.Task;

    public void Leave() => _end.TrySetResult(null);

    public void SendAway()
    {
        WasSentAway = true;
        Leave();
    }

    public async Task TryAgainAsync()
    {
        try
        {
            if (await tryAgain() is { } reserved)
            {
                // Before whoever waits goes on.
                WasServed = true;
                if (!_end.TrySetResult(reserved))
                {
                    WasServed = false;
                    await giveBack(reserved);
                }
            }
        }
        catch (Exception error)
        {
            _end.TrySetException(error);
        }
    }
}
