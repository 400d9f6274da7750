using System.Collections.Concurrent;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>One beat for all streams, each of which writes one token at it.</summary>
internal sealed class Pacing(TimeSpan beat)
{
    private readonly ConcurrentQueue<PacedStream> _new = new();

    public void Add(PacedStream stream) => _new.Enqueue(stream);

    public async Task RunAsync(CancellationToken stop)
    {
        var streams = new List<PacedStream>();
        using var timer = new PeriodicTimer(beat, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                while (_new.TryDequeue(out var stream))
                {
                    streams.Add(stream);
                }

                streams.RemoveAll(stream => !stream.Go());
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }
}
