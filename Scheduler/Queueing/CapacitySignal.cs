using System.Threading.Channels;

namespace ComputeShare.Scheduler.Queueing;

/// <summary>Says that slots may have become free: here, at another Scheduler, or because a node came. Many raises are heard as one.</summary>
internal sealed class CapacitySignal
{
    private readonly Channel<bool> _raised = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Raise() => _raised.Writer.TryWrite(true);

    /// <summary>For one listener.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _raised.Reader.ReadAsync(cancellationToken);
}
