using System.Buffers;
using System.Text.Json;
using ComputeShare.Gateway.Completions;

namespace ComputeShare.Gateway.OpenAI.Chat;

/// <summary>
/// From a body to a validated request: every field has one place here, null counts as absent. What a node sees is written anew on the way,
/// field by field.
/// </summary>
internal sealed class ChatRequestReader
{
    private const int MostChoices = 8;

    private readonly Utf8JsonWriter _work;
    private readonly SharedFields _shared;
    private readonly ChatMessages _messages;

    private uint? _maxTokens;
    private uint? _maxCompletionTokens;
    private uint _choices = 1;
    private bool _logprobs;
    private bool _topLogprobs;

    private ChatRequestReader(Utf8JsonWriter work)
    {
        _work = work;
        _shared = new SharedFields(work, "chat");
        _messages = new ChatMessages(work);
    }

    /// <exception cref="RequestRefusedException">The request is wrong.</exception>
    public static CompletionRequest Read(JsonElement body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var work = new Utf8JsonWriter(buffer, OpenAIJson.WriterOptions);
        var reader = new ChatRequestReader(work);
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

        if (_logprobs)
        {
            _work.WriteBoolean("logprobs", true);
            _shared.Required.Add("logprobs", "logprobs");
        }

        if (_choices > 1)
        {
            _work.WriteNumber("n", _choices);
        }

        _work.WriteEndObject();
        _work.Flush();
    }

    private void ReadField(JsonProperty field)
    {
        var (name, value) = (field.Name, field.Value);
        switch (name)
        {
            case "messages":
                _messages.Write(value);
                break;
            case "max_tokens":
                _maxTokens = (uint)value.ReadInteger(name, 1, int.MaxValue);
                break;
            case "max_completion_tokens":
                _maxCompletionTokens = (uint)value.ReadInteger(name, 1, int.MaxValue);
                break;
            case "n":
                _choices = (uint)value.ReadInteger(name, 1, MostChoices);
                break;
            case "logprobs":
                _logprobs = value.ReadBoolean(name);
                break;
            case "top_logprobs":
                _topLogprobs = true;
                _work.WriteNumber(name, value.ReadInteger(name, 0, 20));
                break;
            default:
                _shared.Read(field);
                break;
        }
    }

    private CompletionRequest Result(ReadOnlyMemory<byte> work)
    {
        var models = _shared.Finish();
        if (_messages.Count == 0)
        {
            throw RequestRefusedException.Missing("messages");
        }

        if (_topLogprobs && !_logprobs)
        {
            throw RequestRefusedException.For("top_logprobs", "it needs 'logprobs' to be true");
        }

        return new CompletionRequest
        {
            Operation = Operation.Chat,
            Models = models,
            WorkBody = work,
            Prompt = PromptSize.OfMessages(_messages.TextBytes, _messages.Count),
            Stream = _shared.Stream,
            IncludeUsage = _shared.IncludeUsage,
            MaxTokens = _maxCompletionTokens ?? _maxTokens,
            Choices = _choices,
            Stop = _shared.Stop,
            Provider = _shared.Provider,
            Logprobs = _logprobs,
            Capabilities = _shared.Required.All,
            Ignored = _shared.Ignored,
        };
    }
}
