using System.Runtime.CompilerServices;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Engines.BuiltIn;

/// <summary>
/// What can go wrong with an engine, on request of a test: it does what <see cref="EngineFaultOptions"/> says to the built-in engine's
/// frames, in every request.
/// </summary>
internal sealed class EngineFaults(BuiltInEngine engine, EngineFaultOptions faults) : IInferenceEngine
{
    // No request has so many choices.
    private const uint NoSuchChoice = 1000;

    public ValueTask<EngineDescription> DescribeAsync(CancellationToken cancellationToken) => engine.DescribeAsync(cancellationToken);

    public async IAsyncEnumerable<Frame> GenerateAsync(GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (faults.Refuse is { } kind)
        {
            var fault = kind is FailureKind.Busy or FailureKind.Cancelled ? Fault.Nobody
                : kind is FailureKind.Overflow or FailureKind.Unsupported ? Fault.Request : Fault.Node;
            throw new EngineException(kind, fault, retryable: true, "The engine refuses, as it was asked to.");
        }

        var tokens = 0L;
        var claimed = 0U;
        await foreach (var frame in engine.GenerateAsync(request, cancellationToken))
        {
            if (frame.Delta is { } delta)
            {
                if (tokens >= faults.StallAfter)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                }

                if (tokens >= faults.FailAfter)
                {
                    throw new EngineException(FailureKind.EngineLost, Fault.Node, retryable: true, "The engine went away, as it was asked to.");
                }

                tokens += delta.TokenCount;
                delta.ChoiceIndex = tokens > faults.MalformedAfter ? NoSuchChoice : delta.ChoiceIndex;
                if (faults.SplitsText)
                {
                    foreach (var part in Split(delta))
                    {
                        claimed += part.TokenCount;
                        yield return new Frame { Delta = part };
                    }

                    continue;
                }

                delta.TokenCount = Times(delta.TokenCount, faults.TokenCountFactor);
                delta.Position = Times(delta.Position, faults.TokenCountFactor);
            }
            else if (frame.Finished is { } finished)
            {
                finished.Usage.PromptTokens = Times(finished.Usage.PromptTokens, faults.UsageFactor);
                finished.Usage.CompletionTokens = Times(faults.SplitsText ? claimed : finished.Usage.CompletionTokens, faults.UsageFactor);
            }

            yield return frame;
        }
    }

    private static IEnumerable<Delta> Split(Delta delta)
    {
        foreach (var rune in delta.Text.EnumerateRunes())
        {
            yield return new Delta { ChoiceIndex = delta.ChoiceIndex, Position = delta.Position, Text = rune.ToString(), TokenCount = (uint)rune.Utf8SequenceLength };
        }
    }

    private static uint Times(uint count, double factor) => (uint)Math.Min(count * factor, uint.MaxValue);
}
