using System.Buffers;
using System.Text.Json;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.OpenAI.Chat;

namespace ComputeShare.Gateway.OpenAI.Responses;

/// <summary>
/// From a body of <c>/v1/responses</c> to a validated request. A node gets it as a chat, so that whatever serves chat serves responses,
/// under the same budget and bill (PAINS 7).
/// </summary>
internal sealed class ResponseRequestReader
{
    private const int MostTopLogprobs = 20;

    private readonly Utf8JsonWriter _work;
    private readonly RequiredCapabilities _required = new("chat");
    private readonly PromptMeter _meter = new();
    private readonly SharedFields _shared;
    private readonly ToolFields _tools;
    private readonly ResponseEcho _echo = new();

    private JsonElement? _input;
    private bool _logprobs;
    private long _topLogprobs;

    private ResponseRequestReader(Utf8JsonWriter work)
    {
        _work = work;
        _shared = new SharedFields(work, _required);
        _tools = new ToolFields(work, _meter, _required);
    }

    /// <exception cref="RequestRefusedException">The request is wrong.</exception>
    public static CompletionRequest Read(JsonElement body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var work = new Utf8JsonWriter(buffer, OpenAIJson.WriterOptions);
        var reader = new ResponseRequestReader(work);
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

        // Instructions come first, wherever they stand.
        new ResponseInput(_work, _meter, _required).Write(_input ?? throw RequestRefusedException.Missing("input"), _echo.Instructions);
        _tools.Write();
        if (_logprobs || _topLogprobs > 0)
        {
            _work.WriteBoolean("logprobs", true);
            _work.WriteNumber("top_logprobs", _topLogprobs);
            _required.Add("logprobs", _topLogprobs > 0 ? "top_logprobs" : "include");
        }

        _work.WriteEndObject();
        _work.Flush();
    }

    private void ReadField(JsonProperty field)
    {
        var (name, value) = (field.Name, field.Value);
        switch (name)
        {
            case "input":
                _input = value;
                break;
            case "instructions":
                _echo.Instructions = value.ReadString(name);
                break;
            case "max_output_tokens":
                _echo.MaxOutputTokens = (uint)value.ReadInteger(name, 1, int.MaxValue);
                break;
            case "text":
                ReadText(value);
                break;
            case "reasoning":
                ReadReasoning(value);
                break;
            case "include":
                ReadInclude(value);
                break;
            case "top_logprobs":
                _topLogprobs = value.ReadInteger(name, 0, MostTopLogprobs);
                break;
            default:
                ReadTool(field);
                break;
        }
    }

    private void ReadTool(JsonProperty field)
    {
        var (name, value) = (field.Name, field.Value);
        switch (name)
        {
            case "tools":
                _tools.ReadTools(value, FunctionTool.ReadFlat);
                _echo.Tools = value.Clone();
                break;
            case "tool_choice":
                _tools.ReadChoice(value, choice => choice.Required("name", name));
                _echo.ToolChoice = value.Clone();
                break;
            case "parallel_tool_calls":
                _tools.ReadParallel(value);
                _echo.ParallelToolCalls = value.GetBoolean();
                break;
            default:
                ReadOther(field);
                break;
        }
    }

    private void ReadOther(JsonProperty field)
    {
        ResponseRefusals.Check(field);
        if (!ResponseRefusals.IsAccepted(field.Name))
        {
            _shared.Read(field);
        }

        switch (field.Name)
        {
            case "temperature":
                _echo.Temperature = field.Value.GetDouble();
                break;
            case "top_p":
                _echo.TopP = field.Value.GetDouble();
                break;
            case "metadata":
                _echo.Metadata = field.Value.Clone();
                break;
        }
    }

    private void ReadText(JsonElement text)
    {
        if (text.ReadObject("text").Optional("format") is { } format)
        {
            OutputFormat.Write(format, "text.format", schemaIn: null, _work, _meter, _required);
        }

        if (text.Optional("verbosity") is { } verbosity && verbosity.ReadString("text.verbosity") != "medium")
        {
            throw RequestRefusedException.Unsupported("text.verbosity");
        }

        _echo.Text = text.Clone();
    }

    private void ReadReasoning(JsonElement reasoning)
    {
        if (reasoning.ReadObject("reasoning").Optional("effort") is { } effort)
        {
            ReasoningEffort.Write(effort, "reasoning.effort", _work, _required);
        }

        foreach (var name in new[] { "summary", "generate_summary" })
        {
            // Thoughts go out whole, as the model thinks them: any summary will do, so none does.
            if (reasoning.Optional(name) is { } summary && summary.ReadString($"reasoning.{name}") != "auto")
            {
                throw RequestRefusedException.Unsupported($"reasoning.{name}");
            }
        }

        _echo.Reasoning = reasoning.Clone();
    }

    private void ReadInclude(JsonElement include)
    {
        foreach (var what in include.ReadStrings("include"))
        {
            switch (what)
            {
                case "message.output_text.logprobs":
                    _logprobs = true;
                    break;
                case "reasoning.encrypted_content":
                    // Nothing is kept here that only its encrypted form could bring back; SDKs ask for it by habit.
                    _shared.Ignore("include.reasoning.encrypted_content");
                    break;
                default:
                    throw RequestRefusedException.Unsupported("include");
            }
        }
    }

    private CompletionRequest Result(ReadOnlyMemory<byte> work) => new()
    {
        Operation = Operation.Response,
        Models = _shared.Finish(),
        WorkBody = work,
        Prompt = _meter.Prompt(),
        Stream = _shared.Stream,
        MaxTokens = _echo.MaxOutputTokens,
        Stop = _shared.Stop,
        Provider = _shared.Provider,
        Logprobs = _logprobs || _topLogprobs > 0,
        MayCallTools = _tools.MayCall,
        Echo = _echo,
        Capabilities = _required.All,
        Ignored = _shared.Ignored,
    };
}
