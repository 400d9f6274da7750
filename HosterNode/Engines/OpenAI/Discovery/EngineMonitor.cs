using ComputeShare.HosterNode.Owner;
using ComputeShare.HosterNode.Slots;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Engines.OpenAI.Discovery;

/// <summary>
/// Knows what the engine offers now, by asking it now and then, and at once when a request did not reach it. Every change becomes a new
/// state of the node.
/// </summary>
internal sealed class EngineMonitor(
    EngineProbe probe, SlotTable slots, OwnerFirst owner, IOptions<OpenAIEngineOptions> options, TimeProvider clock, ILogger<EngineMonitor> log)
    : BackgroundService
{
    // An engine that is away is asked more often: its node earns nothing meanwhile. llama.cpp bears one question a second.
    private static readonly TimeSpan AwayInterval = TimeSpan.FromSeconds(1);

    // An engine under load may miss one question.
    private const int FailuresUntilAway = 2;

    private readonly TaskCompletionSource _asked = NewSignal();
    private volatile TaskCompletionSource _checkNow = NewSignal();
    private volatile EngineFinding _current = EngineFinding.Away;
    private int _failures;

    /// <summary>Of the last question; waits for the first one only.</summary>
    public async ValueTask<EngineFinding> CurrentAsync(CancellationToken cancellationToken)
    {
        if (!_asked.Task.IsCompleted)
        {
            await _asked.Task.WaitAsync(cancellationToken);
        }

        return _current;
    }

    /// <summary>A request found the engine away.</summary>
    public void CheckNow() => _checkNow.TrySetResult();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // What is said while the question is under way counts for the next one.
            _checkNow = NewSignal();
            await AskAsync(stoppingToken);
            _asked.TrySetResult();
            await PauseAsync(stoppingToken);
        }
    }

    private async Task AskAsync(CancellationToken stoppingToken)
    {
        try
        {
            var own = slots.Read().Taken;
            var found = await probe.FindAsync(stoppingToken);
            _failures = 0;
            owner.Note(found.Load?.Total, Math.Max(own, slots.Read().Taken), found.Description.MaxSlots);
            if (Change(found))
            {
                var names = string.Join(", ", found.Description.Models.Select(model => model.LocalName));
                OpenAIEngineLog.EngineFound(log, found.Description.Engine, found.Description.Version, names, found.Description.MaxSlots);
            }
        }
        catch (EngineAwayException away)
        {
            _failures++;
            var isFirstQuestion = !_asked.Task.IsCompleted;
            if ((away.Certain || _failures >= FailuresUntilAway || isFirstQuestion) && (Change(EngineFinding.Away) || isFirstQuestion))
            {
                OpenAIEngineLog.EngineAway(log, away.Message);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private bool Change(EngineFinding found)
    {
        if (found.IsSameAs(_current))
        {
            // Its load is not the same.
            _current = found;
            return false;
        }

        _current = found;
        slots.SignalChange();
        return true;
    }

    /// <summary>Until the next question is due, or <see cref="CheckNow"/>; never less than a second after the last one.</summary>
    private async Task PauseAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(AwayInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_failures == 0 && options.Value.RefreshInterval > AwayInterval)
        {
            await _checkNow.Task.WaitAsync(options.Value.RefreshInterval - AwayInterval, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
