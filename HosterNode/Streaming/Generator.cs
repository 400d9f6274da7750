using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Limits;
using ComputeShare.HosterNode.Reporting;
using ComputeShare.HosterNode.Slots;
using ComputeShare.HosterNode.Telemetry;
using ComputeShare.HosterNode.Watching;
using ComputeShare.ServiceDefaults.Faults;
using Grpc.Core;

namespace ComputeShare.HosterNode.Streaming;

/// <summary>
/// One request from arrival to its last frame: check it, take its slots, copy the engine's frames, give the slots back, say how it
/// ended. The slots are free before the last frame leaves, so that the gateway's next request finds them.
/// </summary>
internal sealed class Generator(
    IInferenceEngine engine,
    RequestLimits limits,
    SlotTable slots,
    MeasuredSpeeds speeds,
    NodeTraffic traffic,
    HosterNodeTelemetry telemetry,
    FaultPoints faults,
    TimeProvider clock,
    ILogger<Generator> log)
{
    public async Task RunAsync(GenerateRequest request, IAsyncStreamWriter<Frame> output, CancellationToken call)
    {
        if (await RefusalAsync(request, call) is { } refusal)
        {
            // Nothing of it is written anywhere: its names may be anything.
            HosterNodeLog.RequestRefused(log, refusal.Kind, refusal.Message);
            await output.WriteAsync(new Frame { Failed = refusal.ToFailed() }, call);
            return;
        }

        using var span = telemetry.StartGenerate(request);
        using var deadlines = new GenerationDeadlines(limits.Within(request.Deadlines), clock, call);
        var run = new GenerationRun(output, deadlines, traffic, faults, clock);
        var last = await GenerateAsync(request, run, deadlines, call);
        Record(request, run, last);
        if (last is null)
        {
            return;
        }

        await faults.ReachAsync("node.generate.finished", call);
        await output.WriteAsync(last, call);
    }

    private async ValueTask<EngineException?> RefusalAsync(GenerateRequest request, CancellationToken call)
    {
        if (limits.Refuse(request) is { } refusal)
        {
            return refusal;
        }

        var models = (await engine.DescribeAsync(call)).Models;
        return models.Count == 0 ? new EngineException(FailureKind.EngineLost, Fault.Node, retryable: true, "The engine is away.")
            : !models.Any(model => model.LocalName == request.Model) ? EngineException.NotServed()
            : null;
    }

    /// <summary>Returns the last frame; null when nobody is there to read it.</summary>
    private async Task<Frame?> GenerateAsync(GenerateRequest request, GenerationRun run, GenerationDeadlines deadlines, CancellationToken call)
    {
        try
        {
            using var use = await TakeSlotsAsync(request, deadlines.Token);
            return new Frame { Finished = await run.CopyAsync(engine.GenerateAsync(request, deadlines.Token)) };
        }
        catch (Exception) when (call.IsCancellationRequested)
        {
            return null;
        }
        catch (OperationCanceledException) when (deadlines.Passed() is { } passed)
        {
            return new Frame { Failed = passed.ToFailed() };
        }
        catch (EngineException error)
        {
            return new Frame { Failed = error.ToFailed() };
        }
        catch (Exception error)
        {
            HosterNodeLog.EngineFailed(log, request.RequestId, error.GetType().Name, error.StackTrace ?? "");
            return new Frame { Failed = new EngineException(FailureKind.EngineError, Fault.Node, retryable: true, "The engine failed.").ToFailed() };
        }
    }

    private async ValueTask<SlotUse> TakeSlotsAsync(GenerateRequest request, CancellationToken cancellationToken)
    {
        var description = await engine.DescribeAsync(cancellationToken);
        return slots.TryTake(request.LeaseId, (int)Math.Max(1, request.Slots), description.MaxSlots)
            ?? throw new EngineException(FailureKind.Busy, Fault.Nobody, retryable: true, "slots_full: every slot of this node is taken, or it is leaving.");
    }

    private void Record(GenerateRequest request, GenerationRun run, Frame? last)
    {
        var outcome = last?.KindCase switch
        {
            null => "Cancelled",
            Frame.KindOneofCase.Finished => "Finished",
            _ => last.Failed.Kind.ToString(),
        };
        traffic.RequestEnded(last?.Finished is not null);
        telemetry.RecordEnd(request, last?.Finished, outcome, run.Tokens, run.Elapsed);
        HosterNodeLog.GenerationEnded(log, request.RequestId, request.Model, outcome, run.Tokens, (long)run.Elapsed.TotalMilliseconds);
        if (run.FirstTokenAfter is not { } first)
        {
            return;
        }

        telemetry.RecordFirstToken(request, first);
        if (last?.Finished is not null)
        {
            var choices = Math.Max(1, request.Slots);
            speeds.Add(request.Model, first, run.DecodeTime, ((double)run.Tokens / choices) - 1);
        }
    }
}
