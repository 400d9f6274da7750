using System.Buffers;
using System.Text.Json;
using ComputeShare.Gateway.Completions;

namespace ComputeShare.Gateway.OpenAI.TextCompletions;

/// <summary>From a body of <c>/v1/completions</c> to a validated request.</summary>
internal sealed class TextCompletionRequestReader
{
    private const int MostChoices = 8;
    private const int MostLogprobs = 5;
    private const int DefaultMaxTokens = 16;

    private readonly Utf8JsonWriter _work;
    private readonly RequiredCapabilities _required = new("completions");
    private readonly SharedFields _shared;

    private TextInputs? _prompts;
    private uint _maxTokens = DefaultMaxTokens;
    private int _perPrompt = 1;
    private long? _bestOf;
    private bool _logprobs;

    private TextCompletionRequestReader(Utf8JsonWriter work)
    {
        _work = work;
        _shared = new SharedFields(work, _required);
    }

    /// <exception cref="RequestRefusedException">The request is wrong.</exception>
    public static CompletionRequest Read(JsonElement body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var work = new Utf8JsonWriter(buffer, OpenAIJson.WriterOptions);
        var reader = new TextCompletionRequestReader(work);
        reader.ReadFields(body.ReadBody());
        return reader.Result(buffer.WrittenMemory);
    }

    private void ReadFields(JsonElement body)
    {
        _work.WriteStartObject();
        foreach (var field in body.EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null))
        {
            ReadField(field);
        }

        if (_perPrompt > 1)
        {
            _work.WriteNumber("n", _perPrompt);
        }

        _work.WriteEndObject();
        _work.Flush();
    }

    private void ReadField(JsonProperty field)
    {
        var (name, value) = (field.Name, field.Value);
        switch (name)
        {
            case "prompt":
                _prompts = TextInputs.Write(value, name, MostChoices, mayBeEmpty: true, _work, _required);
                break;
            case "max_tokens":
                _maxTokens = (uint)value.ReadInteger(name, 1, int.MaxValue);
                break;
            case "n":
                _perPrompt = (int)value.ReadInteger(name, 1, MostChoices);
                break;
            case "best_of":
                _bestOf = value.ReadInteger(name, 1, int.MaxValue);
                break;
            case "logprobs":
                _logprobs = true;
                _work.WriteNumber(name, value.ReadInteger(name, 0, MostLogprobs));
                _required.Add("logprobs", name);
                break;
            case "echo" when value.ReadBoolean(name):
            case "suffix" when value.ReadString(name).Length > 0:
                throw RequestRefusedException.Unsupported(name);
            case "echo" or "suffix":
                break;
            default:
                _shared.Read(field);
                break;
        }
    }

    private CompletionRequest Result(ReadOnlyMemory<byte> work)
    {
        var models = _shared.Finish();
        var prompts = _prompts ?? throw RequestRefusedException.Missing("prompt");
        var choices = prompts.Count * _perPrompt;
        if (choices > MostChoices)
        {
            throw RequestRefusedException.For("n", $"at most {MostChoices} choices of all prompts together are accepted");
        }

        // More than that would be generated, and paid, for nothing to be seen.
        if (_bestOf is { } bestOf && bestOf != _perPrompt)
        {
            throw RequestRefusedException.Unsupported("best_of");
        }

        return new CompletionRequest
        {
            Operation = Operation.TextCompletion,
            Models = models,
            WorkBody = work,
            Prompt = prompts.Prompt,
            Stream = _shared.Stream,
            IncludeUsage = _shared.IncludeUsage,
            MaxTokens = _maxTokens,
            Choices = (uint)choices,
            Stop = _shared.Stop,
            Provider = _shared.Provider,
            Logprobs = _logprobs,
            Capabilities = _required.All,
            Ignored = _shared.Ignored,
        };
    }
}
