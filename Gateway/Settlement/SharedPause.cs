namespace ComputeShare.Gateway.Settlement;

/// <summary>A pause that ends for all who wait in it at the same moment. Any thread may wait.</summary>
internal sealed class SharedPause(TimeSpan length, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private Task _pause = Task.CompletedTask;

    /// <returns>Ends at the end of the pause under way, or after a whole one that begins now.</returns>
    public Task WaitAsync()
    {
        lock (_lock)
        {
            return _pause.IsCompleted ? _pause = Task.Delay(length, clock) : _pause;
        }
    }
}
