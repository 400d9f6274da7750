using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Reporting;
using ComputeShare.ServiceDefaults.Faults;
using Grpc.Core;

namespace ComputeShare.HosterNode.Streaming;

/// <summary>
/// Copies one request's frames from the engine to the gateway. Deltas of one choice that are ready together become one frame; as soon
/// as the engine has nothing ready, what there is goes out: no token waits for another.
/// </summary>
internal sealed class GenerationRun(
    IAsyncStreamWriter<Frame> output, GenerationDeadlines deadlines, NodeTraffic traffic, FaultPoints faults, TimeProvider clock)
{
    // A frame stays small enough that the gateway's first flush of it is not late.
    private const uint MaxTokensPerFrame = 32;

    private readonly long _arrived = clock.GetTimestamp();
    private TimeSpan _startedAfter;
    private TimeSpan? _firstTokenAfter;
    private Frame? _ready;

    /// <summary>Tokens that the engine gave, all choices together.</summary>
    public long Tokens { get; private set; }

    public TimeSpan Elapsed => clock.GetElapsedTime(_arrived);

    public TimeSpan? FirstTokenAfter => _firstTokenAfter;

    /// <summary>From the first token until now.</summary>
    public TimeSpan DecodeTime => _firstTokenAfter is { } first ? Elapsed - first : TimeSpan.Zero;

    /// <summary>Sends everything but the last frame, and returns that one.</summary>
    /// <exception cref="EngineException">The engine failed.</exception>
    public async Task<Finished> CopyAsync(IAsyncEnumerable<Frame> engine)
    {
        await using var frames = engine.GetAsyncEnumerator(deadlines.Token);
        try
        {
            return await CopyAsync(frames);
        }
        catch (EngineException)
        {
            // What came before the failure was generated, and is delivered.
            await FlushAsync();
            throw;
        }
    }

    private async Task<Finished> CopyAsync(IAsyncEnumerator<Frame> frames)
    {
        while (await MoveNextAsync(frames))
        {
            switch (frames.Current.KindCase)
            {
                case Frame.KindOneofCase.Started:
                    _startedAfter = Elapsed;
                    await output.WriteAsync(frames.Current, deadlines.Token);
                    await faults.ReachAsync("node.generate.started", deadlines.Token);
                    break;
                case Frame.KindOneofCase.Delta:
                    await TakeDeltaAsync(frames.Current);
                    break;
                case Frame.KindOneofCase.Finished:
                    await FlushAsync();
                    return WithTimes(frames.Current.Finished);
                default:
                    throw new InvalidOperationException("An engine reports failures as EngineException.");
            }
        }

        throw new EngineException(FailureKind.EngineLost, Fault.Node, retryable: true, "The engine ended the stream without finishing it.");
    }

    /// <summary>Sends what is ready.</summary>
    private async ValueTask FlushAsync()
    {
        if (_ready is { } frame)
        {
            _ready = null;
            for (var token = 0; token < frame.Delta.TokenCount; token++)
            {
                await faults.ReachAsync("node.generate.token", deadlines.Token);
            }

            await output.WriteAsync(frame, deadlines.Token);
        }
    }

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<Frame> frames)
    {
        var next = frames.MoveNextAsync();
        if (next.IsCompleted)
        {
            return await next;
        }

        try
        {
            await FlushAsync();
        }
        catch
        {
            // An enumerator may not be left while it moves.
            await deadlines.CancelAsync();
            await next.AsTask().ContinueWith(static _ => { }, TaskScheduler.Default);
            throw;
        }

        deadlines.WaitForToken();
        return await next;
    }

    private ValueTask TakeDeltaAsync(Frame frame)
    {
        deadlines.TokenCame();
        _firstTokenAfter ??= Elapsed;
        Tokens += frame.Delta.TokenCount;
        traffic.TokensCame(frame.Delta.TokenCount);
        if (_ready is not null && Joins(_ready.Delta, frame.Delta))
        {
            _ready.Delta.Text += frame.Delta.Text;
            _ready.Delta.Reasoning += frame.Delta.Reasoning;
            _ready.Delta.TokenCount += frame.Delta.TokenCount;
            _ready.Delta.TokenIds.Add(frame.Delta.TokenIds);
            _ready.Delta.Logprobs.Add(frame.Delta.Logprobs);
            _ready.Delta.ToolCalls.Add(frame.Delta.ToolCalls);
            return ValueTask.CompletedTask;
        }

        return ReplaceReadyAsync(frame);
    }

    private async ValueTask ReplaceReadyAsync(Frame frame)
    {
        await FlushAsync();
        _ready = frame;
    }

    private static bool Joins(Delta ready, Delta next) => ready.ChoiceIndex == next.ChoiceIndex
        && ready.TokenCount + next.TokenCount <= MaxTokensPerFrame
        && ready.Position + ready.TokenCount == next.Position
        && ready.Embedding.Count + next.Embedding.Count == 0;

    private Finished WithTimes(Finished finished)
    {
        var first = _firstTokenAfter ?? Elapsed;
        finished.QueueMs = (uint)_startedAfter.TotalMilliseconds;
        finished.PrefillMs = (uint)(first - _startedAfter).TotalMilliseconds;
        finished.DecodeMs = (uint)(Elapsed - first).TotalMilliseconds;
        return finished;
    }
}
