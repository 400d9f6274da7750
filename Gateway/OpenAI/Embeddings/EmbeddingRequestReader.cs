using System.Buffers;
using System.Text.Json;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Completions;

namespace ComputeShare.Gateway.OpenAI.Embeddings;

/// <summary>From a body of <c>/v1/embeddings</c> to a validated request (WIRE 53).</summary>
internal sealed class EmbeddingRequestReader
{
    private const int MostInputs = 2048;
    private const int MostDimensions = 65_536;

    private readonly Utf8JsonWriter _work;
    private readonly RequiredCapabilities _required = new("embeddings");
    private readonly ModelFields _models = new();
    private readonly List<string> _ignored = [];

    private TextInputs? _inputs;
    private ProviderPreferences? _provider;
    private bool _base64;

    private EmbeddingRequestReader(Utf8JsonWriter work) => _work = work;

    /// <exception cref="RequestRefusedException">The request is wrong.</exception>
    public static CompletionRequest Read(JsonElement body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var work = new Utf8JsonWriter(buffer, OpenAIJson.WriterOptions);
        var reader = new EmbeddingRequestReader(work);
        work.WriteStartObject();
        foreach (var field in body.ReadBody().EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null))
        {
            reader.ReadField(field);
        }

        work.WriteEndObject();
        work.Flush();
        return reader.Result(buffer.WrittenMemory);
    }

    private void ReadField(JsonProperty field)
    {
        var (name, value) = (field.Name, field.Value);
        switch (name)
        {
            case "input":
                _inputs = TextInputs.Write(value, name, MostInputs, mayBeEmpty: false, _work, _required);
                break;
            case "encoding_format":
                _base64 = value.ReadString(name) switch
                {
                    "float" => false,
                    "base64" => true,
                    _ => throw RequestRefusedException.For(name, "it must be one of float, base64"),
                };
                break;
            case "dimensions":
                _work.WriteNumber(name, value.ReadInteger(name, 1, MostDimensions));
                _required.Add("dimensions", name);
                break;
            case "provider":
                _provider = ProviderPreferencesReader.Read(value, _ignored.Add);
                break;
            case "stream" when value.ReadBoolean(name):
                throw RequestRefusedException.Unsupported(name);
            default:
                if (!_models.TryRead(field) && !CallerFields.TryRead(field) && name != "stream")
                {
                    _ignored.Add(name);
                }

                break;
        }
    }

    private CompletionRequest Result(ReadOnlyMemory<byte> work)
    {
        var models = _models.Finish();
        var inputs = _inputs ?? throw RequestRefusedException.Missing("input");
        return new CompletionRequest
        {
            Operation = Operation.Embedding,
            Models = models,
            WorkBody = work,
            Prompt = inputs.Prompt,
            // No token is generated, and none is held for.
            MaxTokens = 0,
            Embeddings = new EmbeddingShape(inputs.Count, _base64),
            Provider = _provider,
            Capabilities = _required.All,
            Ignored = _ignored,
        };
    }
}
