using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Requests;

/// <param name="Inputs">The tokens of each text.</param>
/// <param name="Dimensions">How many numbers a vector has.</param>
internal sealed record Embeddings(IReadOnlyList<List<int>> Inputs, int Dimensions);

/// <summary>Reads a request for embeddings, or says what is wrong with it.</summary>
internal static class EmbeddingReader
{
    private const int MostInputs = 2048;

    /// <exception cref="EngineException">The request is wrong or too long.</exception>
    public static Embeddings Read(GenerateRequest request, BuiltInModel model)
    {
        var body = BodyReader.Read(request.Embedding.Body.Memory);
        var inputs = TextList.Read(body.Input, model, "input");
        if (inputs.Length > MostInputs)
        {
            throw EngineException.Invalid($"input must have at most {MostInputs} texts.", "input");
        }

        var context = model.Transformer.Shape.ContextLength;
        if (inputs.FirstOrDefault(input => input.Count > context) is { } tooLong)
        {
            throw EngineException.Overflow(tooLong.Count, 0, context, "input");
        }

        var most = model.Transformer.Shape.EmbeddingLength;
        return body.Dimensions is not { } wanted || (wanted >= 1 && wanted <= most)
            ? new Embeddings(inputs, body.Dimensions ?? most)
            : throw EngineException.Invalid($"dimensions must be from 1 to {most} for this model.", "dimensions");
    }
}
