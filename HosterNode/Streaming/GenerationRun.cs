using System.Runtime.CompilerServices;
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

    private readonly Frame _ready = new() { Delta = new Delta() };
    private readonly long _arrived = clock.GetTimestamp();
    private TimeSpan _startedAfter;
    private TimeSpan? _firstTokenAfter;
    private bool _isReady;

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
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FlushAsync()
    {
        if (_isReady)
        {
            _isReady = false;
            for (var token = 0; token < _ready.Delta.TokenCount; token++)
            {
                await faults.ReachAsync("node.generate.token", deadlines.Token);
            }

            await output.WriteAsync(_ready, deadlines.Token);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
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
        var delta = frame.Delta;
        deadlines.TokenCame();
        _firstTokenAfter ??= Elapsed;
        Tokens += delta.TokenCount;
        traffic.TokensCame(delta.TokenCount);
        if (delta.Embedding.Count > 0 || (_isReady && !Joins(_ready.Delta, delta)))
        {
            return FlushAndTakeAsync(frame);
        }

        Take(delta);
        return ValueTask.CompletedTask;
    }

    private async ValueTask FlushAndTakeAsync(Frame frame)
    {
        await FlushAsync();
        if (frame.Delta.Embedding.Count > 0)
        {
            // Vectors are thousands of numbers, and are never joined: not copied either.
            await output.WriteAsync(frame, deadlines.Token);
            return;
        }

        Take(frame.Delta);
    }

    /// <summary>Copies it: the engine writes its next one over it.</summary>
    private void Take(Delta delta)
    {
        var ready = _ready.Delta;
        if (!_isReady)
        {
            ready.Begin(delta.ChoiceIndex, delta.Position);
            _isReady = true;
        }

        ready.Text += delta.Text;
        ready.Reasoning += delta.Reasoning;
        ready.TokenCount += delta.TokenCount;
        ready.TokenIds.Add(delta.TokenIds);
        ready.Logprobs.Add(delta.Logprobs);
        ready.ToolCalls.Add(delta.ToolCalls);
    }

    private static bool Joins(Delta ready, Delta next) => ready.ChoiceIndex == next.ChoiceIndex
        && ready.TokenCount + next.TokenCount <= MaxTokensPerFrame
        && ready.Position + ready.TokenCount == next.Position;

    private Finished WithTimes(Finished finished)
    {
        var first = _firstTokenAfter ?? Elapsed;
        finished.QueueMs = (uint)_startedAfter.TotalMilliseconds;
        finished.PrefillMs = (uint)(first - _startedAfter).TotalMilliseconds;
        finished.DecodeMs = (uint)(Elapsed - first).TotalMilliseconds;
        return finished;
    }
}
