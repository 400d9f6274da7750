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
    private const int MostTopLogprobs = 20;

    private readonly Utf8JsonWriter _work;
    private readonly RequiredCapabilities _required = new("chat");
    private readonly PromptMeter _meter = new();
    private readonly SharedFields _shared;
    private readonly ChatMessages _messages;
    private readonly ToolFields _tools;

    private uint? _maxTokens;
    private uint? _maxCompletionTokens;
    private uint _choices = 1;
    private bool _logprobs;
    private bool _topLogprobs;

    private ChatRequestReader(Utf8JsonWriter work)
    {
        _work = work;
        _shared = new SharedFields(work, _required);
        _messages = new ChatMessages(work, _meter, _required);
        _tools = new ToolFields(work, _meter, _required);
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

        _tools.Write();
        if (_logprobs)
        {
            _work.WriteBoolean("logprobs", true);
            _required.Add("logprobs", "logprobs");
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
                _work.WriteNumber(name, value.ReadInteger(name, 0, MostTopLogprobs));
                break;
            default:
                ReadForm(field);
                break;
        }
    }

    private void ReadForm(JsonProperty field)
    {
        var (name, value) = (field.Name, field.Value);
        switch (name)
        {
            case "tools":
                _tools.ReadTools(value, FunctionTool.ReadNested);
                break;
            case "tool_choice":
                _tools.ReadChoice(value, choice => choice.Required("function", name).ReadObject($"{name}.function").Required("name", $"{name}.function"));
                break;
            case "parallel_tool_calls":
                _tools.ReadParallel(value);
                break;
            case "response_format":
                OutputFormat.Write(value, name, schemaIn: "json_schema", _work, _meter, _required);
                break;
            case "reasoning_effort":
                ReasoningEffort.Write(value, name, _work, _required);
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
            Prompt = _meter.Prompt(),
            Stream = _shared.Stream,
            IncludeUsage = _shared.IncludeUsage,
            MaxTokens = _maxCompletionTokens ?? _maxTokens,
            Choices = _choices,
            Stop = _shared.Stop,
            Provider = _shared.Provider,
            Logprobs = _logprobs,
            MayCallTools = _tools.MayCall,
            Capabilities = _required.All,
            Ignored = _shared.Ignored,
        };
    }
}
