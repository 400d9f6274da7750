namespace Aspire.Hosting.Running;

/// <summary>How far a resource has come. Each of the two ends is reached at most once.</summary>
internal sealed class Progress
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>True once it runs and is healthy; false when that will not happen any more.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAny(_ready.Task, _ended.Task).WaitAsync(cancellationToken);
        return _ready.Task.IsCompleted;
    }

    /// <summary>The code with which its process ended; -1 when it never started.</summary>
    public Task<int> ExitCodeAsync(CancellationToken cancellationToken) => _ended.Task.WaitAsync(cancellationToken);

    public bool HasEnded => _ended.Task.IsCompleted;

    public void BecameReady() => _ready.TrySetResult();

    public void Ended(int exitCode) => _ended.TrySetResult(exitCode);
}
