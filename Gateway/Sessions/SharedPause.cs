namespace ComputeShare.Gateway.Sessions;

/// <summary>
/// The pause before commands that hardly anybody waits for: it ends for all of them at the same moment, so that they leave together. What costs
/// is a message, in both processes and in the database behind, far more than a command in it. Any thread may wait.
/// </summary>
internal sealed class SharedPause(TimeProvider clock)
{
    // Whole answers are some hundreds a second in a busy gateway, so that several come together.
    private static readonly TimeSpan Length = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private Task _pause = Task.CompletedTask;

    /// <returns>Ends at the end of the pause under way, or after a whole one that begins now.</returns>
    public Task WaitAsync()
    {
        lock (_lock)
        {
            return _pause.IsCompleted ? _pause = Task.Delay(Length, clock) : _pause;
        }
    }
}
