using System.Buffers;
using System.Text.Json;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>
/// From a body to a validated request: every field has one place here, null counts as absent. What a node sees is written anew on the way,
/// field by field.
/// </summary>
internal sealed class ChatRequestReader
{
    private const int MostChoices = 8;
    private const int MostStops = 4;
    private const int MostStopCharacters = 256;
    private const int MostModelCharacters = 256;
    private const int MostLogitBiases = 1024;
    private const int MostMetadata = 16;

    private readonly List<string> _capabilities = ["chat"];
    private readonly List<string> _ignored = [];
    private readonly Utf8JsonWriter _work;
    private readonly ChatMessages _messages;

    private string? _model;
    private bool _stream;
    private bool? _includeUsage;
    private uint? _maxTokens;
    private uint? _maxCompletionTokens;
    private uint _choices = 1;
    private IReadOnlyList<string> _stop = [];
    private bool _logprobs;
    private bool _topLogprobs;

    private ChatRequestReader(Utf8JsonWriter work)
    {
        _work = work;
        _messages = new ChatMessages(work);
    }

    /// <exception cref="RequestRefusedException">The request is wrong.</exception>
    public static ChatCompletionRequest Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw new RequestRefusedException(OpenAIError.Invalid("The body must be a JSON object."));
        }

        var buffer = new ArrayBufferWriter<byte>();
        using var work = new Utf8JsonWriter(buffer, OpenAIJson.WriterOptions);
        var reader = new ChatRequestReader(work);
        reader.ReadFields(body);
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
            _capabilities.Add("logprobs");
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
            case "model":
                _model = value.ReadString(name);
                break;
            case "messages":
                _messages.Write(value);
                break;
            case "stream":
                _stream = value.ReadBoolean(name);
                break;
            case "stream_options":
                ReadStreamOptions(value);
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
            case "stop":
                ReadStop(value);
                break;
            case "user":
                value.ReadString(name);
                break;
            case "metadata":
                ReadMetadata(value);
                break;
            default:
                ReadSampling(field);
                break;
        }
    }

    private void ReadSampling(JsonProperty field)
    {
        var (name, value) = (field.Name, field.Value);
        switch (name)
        {
            case "temperature":
                _work.WriteNumber(name, value.ReadNumber(name, 0, 2));
                break;
            case "top_p":
                _work.WriteNumber(name, value.ReadNumber(name, 0, 1));
                break;
            case "seed":
                _work.WriteNumber(name, value.ReadInteger(name, long.MinValue, long.MaxValue));
                _capabilities.Add("seed");
                break;
            case "presence_penalty" or "frequency_penalty":
                WritePenalty(name, value.ReadNumber(name, -2, 2));
                break;
            case "logit_bias":
                WriteLogitBias(value);
                break;
            case "logprobs":
                _logprobs = value.ReadBoolean(name);
                break;
            case "top_logprobs":
                _topLogprobs = true;
                _work.WriteNumber(name, value.ReadInteger(name, 0, 20));
                break;
            case "top_k":
                _work.WriteNumber(name, value.ReadInteger(name, 0, int.MaxValue));
                _capabilities.Add("top_k");
                break;
            case "min_p":
                _work.WriteNumber(name, value.ReadNumber(name, 0, 1));
                _capabilities.Add("min_p");
                break;
            default:
                if (!NeutralFields.Accepts(field))
                {
                    _ignored.Add(name);
                }

                break;
        }
    }

    private void ReadStreamOptions(JsonElement value)
    {
        _includeUsage = false;
        foreach (var option in value.ReadObject("stream_options").EnumerateObject().Where(option => option.Value.ValueKind != JsonValueKind.Null))
        {
            if (option.Name == "include_usage")
            {
                _includeUsage = option.Value.ReadBoolean("stream_options.include_usage");
            }
            else
            {
                _ignored.Add($"stream_options.{option.Name}");
            }
        }
    }

    private void ReadStop(JsonElement value)
    {
        _stop = value.ReadStrings("stop");
        if (_stop.Count > MostStops || _stop.Any(stop => stop.Length is 0 or > MostStopCharacters))
        {
            throw RequestRefusedException.For("stop", $"at most {MostStops} texts of 1 to {MostStopCharacters} characters are accepted");
        }
    }

    private static void ReadMetadata(JsonElement value)
    {
        var entries = value.ReadObject("metadata").EnumerateObject().ToArray();
        if (entries.Length > MostMetadata || entries.Any(entry => entry.Value.ValueKind != JsonValueKind.String))
        {
            throw RequestRefusedException.For("metadata", $"it must be an object of at most {MostMetadata} strings");
        }
    }

    private void WritePenalty(string name, double penalty)
    {
        _work.WriteNumber(name, penalty);
        if (penalty != 0 && !_capabilities.Contains("penalties"))
        {
            _capabilities.Add("penalties");
        }
    }

    private void WriteLogitBias(JsonElement value)
    {
        var biases = value.ReadObject("logit_bias").EnumerateObject().ToArray();
        if (biases.Length > MostLogitBiases)
        {
            throw RequestRefusedException.For("logit_bias", $"at most {MostLogitBiases} tokens are accepted");
        }

        _work.WriteStartObject("logit_bias");
        foreach (var bias in biases)
        {
            if (bias.Name.Length is 0 or > 10 || !bias.Name.All(char.IsAsciiDigit))
            {
                throw RequestRefusedException.For("logit_bias", "its names must be token ids");
            }

            _work.WriteNumber(bias.Name, bias.Value.ReadNumber("logit_bias", -100, 100));
        }

        _work.WriteEndObject();
        if (biases.Length > 0)
        {
            _capabilities.Add("logit_bias");
        }
    }

    private ChatCompletionRequest Result(ReadOnlyMemory<byte> work)
    {
        var model = _model ?? throw RequestRefusedException.Missing("model");
        if (model.Length is 0 or > MostModelCharacters || model.Any(char.IsControl))
        {
            throw RequestRefusedException.For("model", $"it must have 1 to {MostModelCharacters} characters");
        }

        if (_messages.Count == 0)
        {
            throw RequestRefusedException.Missing("messages");
        }

        if (_includeUsage is not null && !_stream)
        {
            throw RequestRefusedException.For("stream_options", "it is only allowed when 'stream' is true");
        }

        if (_topLogprobs && !_logprobs)
        {
            throw RequestRefusedException.For("top_logprobs", "it needs 'logprobs' to be true");
        }

        return new ChatCompletionRequest
        {
            Model = model,
            WorkBody = work,
            PromptBytes = _messages.TextBytes,
            MessageCount = _messages.Count,
            Stream = _stream,
            IncludeUsage = _includeUsage == true,
            MaxTokens = _maxCompletionTokens ?? _maxTokens,
            Choices = _choices,
            Stop = _stop,
            Logprobs = _logprobs,
            Capabilities = _capabilities,
            Ignored = _ignored,
        };
    }
}
