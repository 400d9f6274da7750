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

    public IAsyncEnumerable<Frame> GenerateAsync(GenerateRequest request, CancellationToken cancellationToken) =>
        request.WorkCase == GenerateRequest.WorkOneofCase.Embedding ? EmbedAsync(request, cancellationToken) : WriteAsync(request, cancellationToken);

    private async IAsyncEnumerable<Frame> EmbedAsync(GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (model, _) = await FindAsync(request.Model, cancellationToken);
        await using var frames = new EmbeddingRun(client, EmbeddingInputs.Read(request, model), log).RunAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(frames))
        {
            yield return frames.Current;
        }
    }

    private async IAsyncEnumerable<Frame> WriteAsync(GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (model, dialect) = await FindAsync(request.Model, cancellationToken);
        var work = EngineWork.Read(request, model, dialect);
        if (request.Continuation is not null)
        {
            work.Begun = await new BegunReader(client, dialect.Profile).ReadAsync(request, work, cancellationToken);
        }

        var choices = Enumerable.Range(0, work.Choices).Select(choice => new ChoiceStream(client, work, choice, log)).ToArray();
        await using var frames = (choices is [var only] ? only.RunAsync(cancellationToken) : MergeAsync(choices, cancellationToken)).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(frames))
        {
            yield return frames.Current;
        }

        yield return new Frame { Finished = Finish(work, choices) };
    }

    private async ValueTask<(EngineModel Model, EngineDialect Dialect)> FindAsync(string name, CancellationToken cancellationToken)
    {
        var (profile, description) = await monitor.CurrentAsync(cancellationToken);
        var model = description.Models.FirstOrDefault(model => model.LocalName == name) ?? throw EngineFailures.Lost();
        return (model, new EngineDialect(profile, description.Version));
    }

    /// <summary>The next frame, and a look at the engine when there is none because it is gone.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
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

    /// <summary>Several choices side by side; <c>started</c> once.</summary>
    private static async IAsyncEnumerable<Frame> MergeAsync(ChoiceStream[] choices, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
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
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await running;
    }

    private static async Task RunAllAsync(ChoiceStream[] choices, ChannelWriter<Frame> output, CancellationTokenSource stop)
    {
        var started = 0;
        EngineException? failure = null;
        try
        {
            await Task.WhenAll(choices.Select(RunAsync));
            output.Complete();
        }
        catch (Exception error)
        {
            output.Complete(failure ?? error);
            throw;
        }

        async Task RunAsync(ChoiceStream choice)
        {
            try
            {
                await foreach (var frame in choice.RunAsync(stop.Token))
                {
                    if (frame.Started is null || Interlocked.Exchange(ref started, 1) == 0)
                    {
                        // The choice writes its next one over it.
                        await output.WriteAsync(frame.Clone(), stop.Token);
                    }
                }
            }
            catch (Exception error)
            {
                // The first failure ends the others, and is the one that is told.
                Interlocked.CompareExchange(ref failure, error as EngineException, null);
                await stop.CancelAsync();
                throw;
            }
        }
    }

    private void CheckIfLost(EngineException failure)
    {
        if (failure.Kind == FailureKind.EngineLost || failure.IsOfModel)
        {
            monitor.CheckNow();
        }
    }

    /// <summary>A prompt is read once for all its choices; each counts its own tokens. What another node wrote is nobody's prompt.</summary>
    private static Finished Finish(EngineWork work, ChoiceStream[] choices) => new()
    {
        FinishReasons = { choices.Select(choice => choice.Reason) },
        Usage = new EngineUsage
        {
            PromptTokens = (uint)Math.Max(0, choices.Where((_, choice) => choice % work.ChoicesPerPrompt == 0).Sum(choice => choice.Usage?.PromptTokens ?? 0) - (work.Begun?.Tokens ?? 0)),
            CachedTokens = (uint)choices.Where((_, choice) => choice % work.ChoicesPerPrompt == 0).Sum(choice => choice.Usage?.CachedTokens ?? 0),
            CompletionTokens = (uint)choices.Sum(choice => choice.Usage?.CompletionTokens ?? choice.Tokens),
            ReasoningTokens = (uint)choices.Sum(choice => choice.Usage?.ReasoningTokens ?? 0),
        },
    };
}
