using System.Collections.Concurrent;

namespace ComputeShare.HosterNode.Engines.BuiltIn;

/// <summary>
/// The engine's own threads. Token steps of all slots queue here in order of arrival: slots share the CPU fairly, and the thread pool
/// stays free for the network.
/// </summary>
internal sealed class ComputeThreads : TaskScheduler, IDisposable
{
    private readonly BlockingCollection<Task> _steps = [];

    public ComputeThreads(int count)
    {
        for (var i = 0; i < count; i++)
        {
            new Thread(Work) { IsBackground = true, Name = $"engine {i}" }.Start();
        }
    }

    public Task<T> RunAsync<T>(Func<T> step, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(step, cancellationToken, TaskCreationOptions.DenyChildAttach, this);

    public void Dispose() => _steps.CompleteAdding();

    protected override void QueueTask(Task task) => _steps.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _steps;

    private void Work()
    {
        foreach (var step in _steps.GetConsumingEnumerable())
        {
            TryExecuteTask(step);
        }
    }
}
