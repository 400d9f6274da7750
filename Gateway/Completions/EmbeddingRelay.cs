using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Streaming;
using Google.Protobuf.Collections;

namespace ComputeShare.Gateway.Completions;

/// <summary>
/// Steps 6 and 7 for vectors: nothing is generated and nothing is streamed, so that they count as delivered when all of them are there.
/// </summary>
internal sealed class EmbeddingRelay(CompletionContext context, ICompletionAnswer answer, NodeStreamReader reader, TimeProvider clock)
{
    /// <summary>Numbers of one answer; more must not fill the gateway's memory.</summary>
    private const long MostNumbers = 16 * 1024 * 1024;

    private readonly RepeatedField<float>?[] _vectors = new RepeatedField<float>?[context.Request.Embeddings!.Inputs];
    private int _dimensions;

    public async Task<CompletionOutcome> RunAsync()
    {
        while (await reader.ReadAsync())
        {
            var frame = reader.Current;
            switch (frame.KindCase)
            {
                case Frame.KindOneofCase.Delta when TryTake(frame.Delta):
                    context.TimeToFirstToken ??= clock.GetElapsedTime(reader.Dispatched);
                    break;
                case Frame.KindOneofCase.Finished when _vectors.All(vector => vector is not null):
                    return await FinishAsync(frame.Finished);
                case Frame.KindOneofCase.Failed:
                    return NodeFailures.Outcome(frame.Failed, context.Request.Operation);
                case Frame.KindOneofCase.Started or Frame.KindOneofCase.None:
                    break;
                default:
                    return CompletionOutcome.NodeMalformed;
            }
        }

        return reader.End;
    }

    private bool TryTake(Delta delta)
    {
        var index = delta.ChoiceIndex;
        var isOne = index < _vectors.Length
            && _vectors[index] is null
            && delta.Embedding.Count > 0
            && (_dimensions == 0 || delta.Embedding.Count == _dimensions)
            && (long)delta.Embedding.Count * _vectors.Length <= MostNumbers
            // JSON has no other numbers.
            && delta.Embedding.All(float.IsFinite);
        if (isOne)
        {
            _vectors[index] = delta.Embedding;
            _dimensions = delta.Embedding.Count;
        }

        return isOne;
    }

    private async Task<CompletionOutcome> FinishAsync(Finished finished)
    {
        context.Report = finished;
        context.Vectors = _vectors!;
        context.Delivered.DeliverVectors();
        context.Outcome = CompletionOutcome.Completed;
        await answer.FinishAsync([]);
        return CompletionOutcome.Completed;
    }
}
