using ComputeShare.Gateway.Completions;

namespace ComputeShare.Gateway.Metering;

/// <summary>Counts a request's prompt: before placement for every model that it may end at, then for the one that it did.</summary>
internal sealed class RequestMetering(ModelMeters meters)
{
    // With more tokenizers to choose from, `auto` is placed by bounds: counting a long prompt with each of them costs more than it tells.
    private const int MostTokenizers = 4;

    public async ValueTask MeasureAsync(CompletionContext context, CancellationToken cancellationToken)
    {
        var candidates = (await meters.CurrentAsync(cancellationToken)).Candidates(context.Request.Models);
        if (candidates.Count <= MostTokenizers)
        {
            context.Prompt = candidates.Select(context.Request.Prompt.Size).Aggregate(PromptSize.Either);
        }
    }

    /// <summary>The lease names the model: from here on the prompt and what is generated are counted by it.</summary>
    public async ValueTask PlacedAsync(CompletionContext context, CancellationToken cancellationToken)
    {
        context.Meter = (await meters.CurrentAsync(cancellationToken)).Of(context.Lease!.ModelId);
        context.Prompt = context.Request.Prompt.Size(context.Meter);
    }
}
