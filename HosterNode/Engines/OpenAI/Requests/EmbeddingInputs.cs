using System.Text.Json;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Engines.OpenAI.Requests;

/// <summary>The texts, or lists of token ids, of one request for embeddings.</summary>
internal sealed class EmbeddingInputs : IEngineRequest
{
    private readonly GenerateRequest _request;
    private readonly JsonElement[] _inputs;
    private readonly int? _dimensions;

    private EmbeddingInputs(GenerateRequest request, JsonElement[] inputs, int? dimensions, EngineModel model)
    {
        _request = request;
        _inputs = inputs;
        _dimensions = dimensions;
        ContextLength = model.ContextLength;
    }

    public string PromptField => "input";

    public int ContextLength { get; }

    public IEnumerable<string> Fields => _dimensions is null ? [] : ["dimensions"];

    public string RequestId => _request.RequestId;

    public int Count => _inputs.Length;

    /// <exception cref="EngineException">The request is wrong.</exception>
    public static EmbeddingInputs Read(GenerateRequest request, EngineModel model)
    {
        var body = EngineWork.Parse(request.Embedding.Body.Memory);
        if (body.EnumerateObject().FirstOrDefault(field => field.Value.IsSet() && field.Name is not ("input" or "dimensions" or "model" or "encoding_format"))
            is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
        {
            throw EngineException.Unsupported("This node does not know a field of the request.", unknown.Name);
        }

        var inputs = EngineWork.Texts(body.Get("input")).ToArray();
        return inputs.Length == 0 ? throw EngineException.Invalid("input is missing.", "input")
            : !inputs.All(AllowedFields.IsPrompt) ? throw EngineException.Invalid("input must be texts or lists of token ids.", "input")
            : body.Get("dimensions") is var dimensions && dimensions.IsSet() && dimensions.Count() is null or 0
                ? throw EngineException.Invalid("dimensions must be a whole number.", "dimensions")
                : new EmbeddingInputs(request, inputs, dimensions.Count(), model);
    }

    /// <summary>The body that asks for some of them.</summary>
    public byte[] Write(int first, int count)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("model", _request.Model);
            json.WriteString("encoding_format", "float");
            if (_dimensions is { } dimensions)
            {
                json.WriteNumber("dimensions", dimensions);
            }

            json.WriteStartArray("input");
            foreach (var input in _inputs.AsSpan(first, count))
            {
                input.WriteTo(json);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return output.ToArray();
    }
}
