using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.OpenAI.Discovery;
using ComputeShare.HosterNode.Engines.OpenAI.Profiles;
using ComputeShare.HosterNode.Engines.OpenAI.Requests;
using ComputeShare.HosterNode.Engines.OpenAI.Streaming;

namespace ComputeShare.HosterNode.Engines.OpenAI;

/// <summary>Any server that speaks OpenAI's API, beside this node. Its queue stays empty: the node takes no more than its slots.</summary>
internal sealed class OpenAIEngine(EngineClient client, EngineMonitor monitor, ILogger<OpenAIEngine> log) : IInferenceEngine
{
    // What a slow reader may leave waiting before the engine's connection is read no further.
    private const int FramesReady = 64;

    public async ValueTask<EngineDescription> DescribeAsync(CancellationToken cancellationToken) =>
        (await monitor.CurrentAsync(cancellationToken)).Description;

    public async IAsyncEnumerable<Frame> GenerateAsync(GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (profile, description) = await monitor.CurrentAsync(cancellationToken);
        var model = description.Models.FirstOrDefault(model => model.LocalName == request.Model) ?? throw EngineFailures.Lost();
        var frames = request.WorkCase == GenerateRequest.WorkOneofCase.Embedding
            ? EmbedAsync(request, model, cancellationToken)
            : WriteAsync(request, model, new EngineDialect(profile, description.Version), cancellationToken);
        await foreach (var frame in frames)
        {
            yield return frame;
        }
    }

    private async IAsyncEnumerable<Frame> EmbedAsync(GenerateRequest request, EngineModel model, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var frames = new EmbeddingRun(client, EmbeddingInputs.Read(request, model), log).RunAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (frames)
        {
            while (await NextAsync(frames))
            {
                yield return frames.Current;
            }
        }
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<Frame> frames)
    {
        try
        {
            return await frames.MoveNextAsync();
        }
        catch (EngineException error)
        {
            CheckIfLost(error);
            throw;
        }
    }

    private async IAsyncEnumerable<Frame> WriteAsync(
        GenerateRequest request, EngineModel model, EngineDialect dialect, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var work = EngineWork.Read(request, model, dialect);
        var choices = Enumerable.Range(0, work.Choices).Select(choice => new ChoiceStream(client, work, choice, log)).ToArray();
        var frames = Channel.CreateBounded<Frame>(FramesReady);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = RunAllAsync(choices, frames.Writer, stop);
        try
        {
            await foreach (var frame in frames.Reader.ReadAllAsync(cancellationToken))
            {
                yield return frame;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        yield return new Frame { Finished = Finish(work, choices, await running) };
    }

    private async Task<FinishReason[]> RunAllAsync(ChoiceStream[] choices, ChannelWriter<Frame> output, CancellationTokenSource stop)
    {
        var started = 0;
        EngineException? failure = null;
        try
        {
            var reasons = await Task.WhenAll(choices.Select(RunAsync));
            output.Complete();
            return reasons;
        }
        catch (Exception error)
        {
            output.Complete(failure ?? error);
            throw;
        }

        async Task<FinishReason> RunAsync(ChoiceStream choice)
        {
            try
            {
                return await choice.RunAsync(output, StartedAsync, stop.Token);
            }
            catch (Exception error)
            {
                // The first failure ends the others, and is the one that is told.
                Interlocked.CompareExchange(ref failure, error as EngineException, null);
                await stop.CancelAsync();
                CheckIfLost(error);
                throw;
            }
        }

        // Once, however many choices there are. No fingerprint: see EngineProbe.
        ValueTask StartedAsync() => Interlocked.Exchange(ref started, 1) == 0
            ? output.WriteAsync(new Frame { Started = new Started() }, stop.Token)
            : ValueTask.CompletedTask;
    }

    private void CheckIfLost(Exception error)
    {
        if (error is EngineException failure && (failure.Kind == FailureKind.EngineLost || failure.IsOfModel))
        {
            monitor.CheckNow();
        }
    }

    /// <summary>A prompt is read once for all its choices; each counts its own tokens.</summary>
    private static Finished Finish(EngineWork work, ChoiceStream[] choices, FinishReason[] reasons) => new()
    {
        FinishReasons = { reasons },
        Usage = new EngineUsage
        {
            PromptTokens = (uint)choices.Where((_, choice) => choice % work.ChoicesPerPrompt == 0).Sum(choice => choice.Usage?.PromptTokens ?? 0),
            CachedTokens = (uint)choices.Where((_, choice) => choice % work.ChoicesPerPrompt == 0).Sum(choice => choice.Usage?.CachedTokens ?? 0),
            CompletionTokens = (uint)choices.Sum(choice => choice.Usage?.CompletionTokens ?? choice.Tokens),
            ReasoningTokens = (uint)choices.Sum(choice => choice.Usage?.ReasoningTokens ?? 0),
        },
    };
}
