using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.BuiltIn.Requests;
using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Engines.BuiltIn;

/// <summary>A small model in this process, so that a node without an engine, and every test, has a real one.</summary>
internal sealed class BuiltInEngine(BuiltInModel model, ComputeThreads threads, IOptions<BuiltInEngineOptions> options, TimeProvider clock)
    : IInferenceEngine
{
    // Prompt tokens between two looks at the cancellation.
    private const int PromptStep = 32;

    // What a slow reader may leave waiting before its choices pause.
    private const int DeltasReady = 64;

    private readonly EngineDescription _description = new("built-in", BuiltInModel.EngineVersion, MaxSlots: null, [model.Description]);

    public ValueTask<EngineDescription> DescribeAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_description);

    public IAsyncEnumerable<Frame> GenerateAsync(GenerateRequest request, CancellationToken cancellationToken) =>
        request.WorkCase == GenerateRequest.WorkOneofCase.Embedding
            ? new Embedder(model, threads).EmbedAsync(request, cancellationToken)
            : WriteAsync(request, cancellationToken);

    private async IAsyncEnumerable<Frame> WriteAsync(GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var generation = GenerationReader.Read(request, model);
        yield return new Frame { Started = new Started { Fingerprint = model.Description.Fingerprint } };

        var choices = await ReadPromptsAsync(generation, cancellationToken);
        var deltas = Channel.CreateBounded<Delta>(DeltasReady);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = RunAllAsync(choices, deltas.Writer, stop);
        try
        {
            await foreach (var delta in deltas.Reader.ReadAllAsync(cancellationToken))
            {
                yield return new Frame { Delta = delta };
            }
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        yield return new Frame { Finished = Finish(generation, choices, await running) };
    }

    private async Task<ChoiceRun[]> ReadPromptsAsync(Generation generation, CancellationToken cancellationToken)
    {
        var choices = new List<ChoiceRun>();
        foreach (var prompt in generation.Prompts)
        {
            choices.AddRange(await ReadPromptAsync(generation, prompt, choices.Count, cancellationToken));
        }

        return [.. choices];
    }

    /// <summary>Reads the context once; every choice but the first begins with a copy of what was read.</summary>
    private async Task<ChoiceRun[]> ReadPromptAsync(Generation generation, Prompt prompt, int first, CancellationToken cancellationToken)
    {
        var shape = model.Transformer.Shape;
        var cache = new KvCache(shape, prompt.Context.Count + prompt.MaxTokens);
        var work = new LlamaWorkspace(shape);
        while (cache.Length < prompt.Context.Count)
        {
            await threads.RunAsync(() => ReadStep(prompt.Context, cache, work), cancellationToken);
        }

        var others = Enumerable.Range(1, generation.ChoicesPerPrompt - 1)
            .Select(choice => new ChoiceRun(model, generation, prompt, first + choice, cache.Fork(shape), work.Fork(shape)))
            .ToArray();
        return [new ChoiceRun(model, generation, prompt, first, cache, work), .. others];
    }

    private int ReadStep(IReadOnlyList<int> context, KvCache cache, LlamaWorkspace work)
    {
        var end = Math.Min(cache.Length + PromptStep, context.Count);
        while (cache.Length < end)
        {
            model.Transformer.Read(context[cache.Length], cache, work);
        }

        return end;
    }

    private async Task<FinishReason[]> RunAllAsync(ChoiceRun[] choices, ChannelWriter<Delta> output, CancellationTokenSource stop)
    {
        try
        {
            var reasons = await Task.WhenAll(choices.Select(choice => RunAsync(choice, output, stop)));
            output.Complete();
            return reasons;
        }
        catch (Exception error)
        {
            output.Complete(error);
            throw;
        }
    }

    /// <summary>One choice; its failure ends the others too.</summary>
    private async Task<FinishReason> RunAsync(ChoiceRun choice, ChannelWriter<Delta> output, CancellationTokenSource stop)
    {
        try
        {
            return await choice.RunAsync(threads, new Pace(options.Value.TokensPerSecond, clock), output, stop.Token);
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private static Finished Finish(Generation generation, ChoiceRun[] choices, FinishReason[] reasons) => new()
    {
        FinishReasons = { reasons },
        Usage = new EngineUsage
        {
            PromptTokens = (uint)generation.Prompts.Sum(prompt => prompt.Length),
            CompletionTokens = (uint)choices.Sum(choice => choice.GeneratedTokens),
        },
    };
}
