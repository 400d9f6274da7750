using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Scheduler.Queueing;

/// <summary>One waiting request. It ends once: served, failed, or left.</summary>
/// <param name="models">Names of the models asked for.</param>
/// <param name="tryAgain">Tries to place the request; null when there is still no slot for it.</param>
/// <param name="giveBack">Takes back a lease that came too late; does not throw.</param>
internal sealed class Waiter(IReadOnlyCollection<string> models, Func<Task<Reserved?>> tryAgain, Func<Reserved, Task> giveBack)
{
    private readonly TaskCompletionSource<Reserved?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyCollection<string> Models { get; } = models;

    public bool HasEnded => _end.Task.IsCompleted;

    /// <summary>Null when the wait was over first.</summary>
    public Task<Reserved?> End => _end.Task;

    public void Leave() => _end.TrySetResult(null);

    public async Task TryAgainAsync()
    {
        try
        {
            if (await tryAgain() is { } reserved && !_end.TrySetResult(reserved))
            {
                await giveBack(reserved);
            }
        }
        catch (Exception error)
        {
            _end.TrySetException(error);
        }
    }
}
