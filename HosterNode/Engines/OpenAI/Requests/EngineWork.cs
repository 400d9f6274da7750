using System.Text.Json;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.OpenAI.Profiles;
using ComputeShare.HosterNode.Engines.OpenAI.Streaming;

namespace ComputeShare.HosterNode.Engines.OpenAI.Requests;

/// <summary>
/// One request, as the engine is asked it: always streaming, always with a bound of tokens, one engine request per choice, because
/// engines count the tokens of several choices wrongly. Only fields of the list get there.
/// </summary>
internal sealed class EngineWork : IEngineRequest
{
    // Of the context, when a caller sets no bound and the prompt's size can only be guessed: two bytes a token is more than any text needs.
    private const int LeastBytesPerToken = 2;
    private const int LeastShareOfContext = 8;

    private const int MostBytesPerId = 8;
    private const int LargestEventBytes = 16 << 20;
    private const long MostBytesPerToken = 64 << 10;

    // Said in typed fields, or once per choice.
    private static readonly string[] Replaced = ["n", "seed", "model", "stream", "stream_options", "max_tokens", "max_completion_tokens", "stop"];

    private readonly GenerateRequest _request;
    private readonly JsonElement _body;
    private readonly JsonElement[] _prompts;
    private readonly EngineDialect _dialect;
    private readonly int _maxTokens;

    private EngineWork(GenerateRequest request, JsonElement body, string promptField, EngineModel model, EngineDialect dialect)
    {
        _request = request;
        _body = body;
        PromptField = promptField;
        ContextLength = model.ContextLength;
        Path = promptField == "messages" ? EnginePaths.ChatCompletions : EnginePaths.Completions;
        AsksLogprobs = body.Get("logprobs").ValueKind is JsonValueKind.True or JsonValueKind.Number;
        _dialect = dialect;
        _maxTokens = MaxTokens();
        _prompts = promptField == "messages" ? [body.Get(promptField)] : [.. Texts(body.Get(promptField))];
        if (_prompts.Length == 0 || Choices % _prompts.Length != 0)
        {
            throw EngineException.Invalid($"n, for each prompt, must be the number of slots of the lease, which is {Choices}.", "n");
        }
    }

    public string Path { get; }

    /// <summary><c>messages</c> or <c>prompt</c>.</summary>
    public string PromptField { get; }

    public int ContextLength { get; }

    public bool AsksLogprobs { get; }

    /// <summary>
    /// From here on the engine does not keep its bound. Its events are not quite its tokens: where thoughts and content meet there may be two
    /// for one.
    /// </summary>
    public long MostTokens => _maxTokens + (_maxTokens / 8) + 16;

    /// <summary>An engine that gives ids gives those of the prompt at first.</summary>
    public int MostEventBytes => (int)Math.Min(LargestEventBytes, SseReader.MostBytes + ((long)ContextLength * MostBytesPerId));

    public long MostStreamBytes => MostEventBytes + (MostTokens * MostBytesPerToken);

    public int Choices => (int)Math.Max(1, _request.Slots);

    /// <summary>How many of the choices go on from one prompt.</summary>
    public int ChoicesPerPrompt => Choices / _prompts.Length;

    /// <summary>The first prompt, or the messages.</summary>
    public JsonElement Prompt => _prompts[0];

    /// <summary>Where the only choice goes on; null: nothing of it is written.</summary>
    public Begun? Begun { get; set; }

    public IEnumerable<string> Fields => _body.EnumerateObject().Select(sent => sent.Name).Where(name => name != PromptField);

    public string RequestId => _request.RequestId;

    /// <exception cref="EngineException">The request is wrong, or asks for what no such engine does.</exception>
    public static EngineWork Read(GenerateRequest request, EngineModel model, EngineDialect dialect)
    {
        var (json, promptField) = request.WorkCase switch
        {
            GenerateRequest.WorkOneofCase.Chat => (request.Chat.Body.Memory, "messages"),
            GenerateRequest.WorkOneofCase.Completion => (request.Completion.Body.Memory, "prompt"),
            _ => throw EngineException.Invalid("The request has no work.", ""),
        };
        var body = Parse(json);
        if (!body.Get(promptField).IsSet())
        {
            throw EngineException.Invalid($"{promptField} is missing.", promptField);
        }

        if (promptField == "messages")
        {
            RefuseLinks(body.Get(promptField));
        }
        else if (!Texts(body.Get(promptField)).All(AllowedFields.IsPrompt))
        {
            throw EngineException.Invalid("prompt must be texts or lists of token ids.", promptField);
        }

        foreach (var field in body.EnumerateObject().Where(field => field.Value.IsSet() && !Replaced.Contains(field.Name) && (field.Name != "prompt" || promptField != "prompt")))
        {
            AllowedFields.Check(field.Name, field.Value);
        }

        return new EngineWork(request, body, promptField, model, dialect);
    }

    /// <summary>The body of one choice's request.</summary>
    public byte[] Write(int choice)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("model", _request.Model);
            json.WriteBoolean("stream", true);
            json.WriteStartObject("stream_options");
            json.WriteBoolean("include_usage", true);
            json.WriteEndObject();
            json.WriteNumber("max_tokens", _maxTokens);
            WriteStop(json);
            if (_body.Get("seed") is { ValueKind: JsonValueKind.Number } seed && seed.TryGetInt64(out var number))
            {
                // With the same seed all choices would be the same.
                json.WriteNumber("seed", unchecked(number + choice));
            }

            json.WritePropertyName(PromptField);
            if (Begun is null)
            {
                _prompts[choice / ChoicesPerPrompt].WriteTo(json);
            }
            else
            {
                WriteBegun(json, Begun);
            }

            foreach (var field in _body.EnumerateObject().Where(field => field.Value.IsSet() && field.Name != PromptField && !Replaced.Contains(field.Name)))
            {
                field.WriteTo(json);
            }

            _dialect.Profile.WriteExtras(json, _request, _dialect.Version);
            json.WriteEndObject();
        }

        return output.ToArray();
    }

    private void WriteBegun(Utf8JsonWriter json, Begun begun)
    {
        json.WriteStartArray();
        foreach (var id in begun.Prompt ?? [])
        {
            json.WriteNumberValue(id);
        }

        if (begun.Prompt is not null)
        {
            json.WriteEndArray();
            return;
        }

        foreach (var message in Prompt.Items())
        {
            message.WriteTo(json);
        }

        json.WriteStartObject();
        json.WriteString("role", "assistant");
        json.WriteString("content", begun.Text);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteBoolean("continue_final_message", true);
        json.WriteBoolean("add_generation_prompt", false);
    }

    private void WriteStop(Utf8JsonWriter json)
    {
        if (_request.Stop.Count == 0)
        {
            return;
        }

        json.WriteStartArray("stop");
        foreach (var stop in _request.Stop)
        {
            json.WriteStringValue(stop);
        }

        json.WriteEndArray();
    }

    private int MaxTokens()
    {
        if (_request.MaxTokens > 0)
        {
            return (int)Math.Min(_request.MaxTokens, (uint)ContextLength);
        }

        var prompt = _dialect.Profile.StopsAtContext ? 0 : _request.CalculateSize() / LeastBytesPerToken;
        return Math.Max(ContextLength - prompt, Math.Max(1, ContextLength / LeastShareOfContext));
    }

    /// <summary>The texts of a prompt or input, each a text or a list of token ids, whether it is a list of them or one.</summary>
    public static IEnumerable<JsonElement> Texts(JsonElement texts) =>
        texts.ValueKind != JsonValueKind.Array ? texts.IsSet() ? [texts] : []
            : texts.GetArrayLength() > 0 && texts[0].ValueKind == JsonValueKind.Number ? [texts]
            : texts.EnumerateArray();

    /// <summary>An engine that fetched a link would do so within its owner's network.</summary>
    private static void RefuseLinks(JsonElement messages)
    {
        var images = messages.Items().SelectMany(message => message.Get("content").Items()).Where(part => part.Get("image_url").IsSet());
        if (images.Any(part => !part.Get("image_url").Get("url").Text().StartsWith("data:", StringComparison.OrdinalIgnoreCase)))
        {
            throw EngineException.Invalid("Images must be data: URLs.", "messages");
        }
    }

    /// <exception cref="EngineException">It is no JSON object.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.IsObject() ? document.RootElement.Clone() : throw EngineException.Invalid("The body must be a JSON object.", "");
        }
        catch (JsonException)
        {
            // The exception's own message may quote the body.
            throw EngineException.Invalid("The body is not JSON.", "");
        }
    }
}
